"""Patients: their particulars and consents, how they sign in, whom they act for, what is known of them and its end."""
