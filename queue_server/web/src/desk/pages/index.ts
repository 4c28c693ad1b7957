// The pages for paper come in a file of their own: most days nobody opens them.
export { DayListPage } from "./day-list";
export { TicketPage } from "./ticket";
