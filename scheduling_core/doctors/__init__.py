"""Who a doctor is to the clinic: profile, onboarding, bookability."""
