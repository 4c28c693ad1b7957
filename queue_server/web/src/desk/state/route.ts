/** The address of the printable day list of a lane. */
export function dayListAddress(doctorId: string, date: string): string {
  return `/desk/day-list?${new URLSearchParams({ doctorId, date })}`;
}

/** The address of an entry's paper ticket. */
export function ticketAddress(doctorId: string, date: string, appointmentId: string): string {
  return `/desk/ticket?${new URLSearchParams({ appointmentId, doctorId, date })}`;
}
