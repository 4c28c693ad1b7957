"""What is needed beside a doctor: departments, rooms, equipment."""
