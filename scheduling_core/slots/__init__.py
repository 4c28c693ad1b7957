"""What happens to bookable slots: generated, blocked, held, booked; one stream of events for each doctor's slots."""
