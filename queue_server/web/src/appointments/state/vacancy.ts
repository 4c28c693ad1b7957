/** The page at which a time that was given back is offered to whoever waits for it. */
export function vacancyAddress(appointmentId: string, clinicId: string): string {
  return `/desk/waitlist?${new URLSearchParams({ clinic: clinicId, vacancy: appointmentId })}`;
}
