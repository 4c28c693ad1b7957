import "../patient/patient.css";
