"""What messages say: templates with a closed set of fields, the words that come with the product, and the facts."""
