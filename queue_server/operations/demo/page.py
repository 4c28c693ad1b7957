"""The page of links that the demo prints when it is ready."""

from rich.console import Console

from queue_server.operations.demo.day import DemoDay
from queue_server.operations.demo.seed import StaffLogin
from queue_server.operations.qr import terminal_qr
from scheduling_core.ids import DoctorId

SCREENS = (
    ("Reception desk", "/desk", "receptionist"),
    ("Waiting-room display", "/display", "display"),
    ("Page of Dr Mehta", "/doctor", "doctor"),
    ("Administration", "/admin", "admin"),
    ("Approval of leave", "/admin/leave", "department_head"),
)
SHOWN_TRACKERS = 4


def print_page(day: DemoDay, seconds: float, console: Console | None = None, *, mail: str | None = None) -> None:
    """Print where the screens are and how to sign in, where the demo's mail is read, and some patients' links, the
    first as a QR code.

    Each link has a line of its own, so that it can be clicked or copied whole in a terminal of any width.
    """
    out = console or Console(highlight=False, soft_wrap=True, emoji=False)
    logins = {login.role: login for login in day.staff}
    out.print(f"\n[bold]A living demo clinic, ready in {seconds:.1f} s.[/] Ctrl-C stops everything, the data stays.\n")
    for screen, path, role in SCREENS:
        _print_screen(out, screen, f"{day.url}{path}", logins[role])
    out.print(f"  {'Booking by patients':<22}{day.url}/book")
    if mail is not None:
        out.print(f"  {'Messages to patients':<22}{mail}", markup=False)
    out.print(f"  {'API documentation':<22}{day.url}/docs\n")
    out.print(f"{len(day.doctors)} doctors have {day.slots:,} bookable slots in the next 90 days.\n")
    if not day.trackers:
        out.print(
            "Nobody is in line today any more: `make db-reset` begins anew, a walk-in at the desk gives a link.\n"
        )
        return
    out.print("[bold]Patients follow their place here:[/]\n")
    names = dict(day.doctors)
    shown = _one_a_doctor(day)
    for ticket, doctor, token in shown:
        out.print(f"  {ticket:<5} {names[doctor]}", markup=False)
        out.print(f"  {day.url}/t/{token}\n", markup=False)
    ticket, _, token = shown[0]
    out.print(f"{ticket} as a QR code:")
    out.print(terminal_qr(f"{day.url}/t/{token}"), markup=False)
    if "//127.0.0.1" in day.url or "//localhost" in day.url:
        out.print("For phones in your network: HOST=0.0.0.0 PUBLIC_URL=http://ADDRESS:8000 make demo", markup=False)


def _print_screen(out: Console, screen: str, url: str, login: StaffLogin) -> None:
    out.print(f"  {screen:<22}{url}", markup=False)
    out.print(f"  {'':<22}{login.email}   {login.password}", markup=False)


def _one_a_doctor(day: DemoDay) -> list[tuple[str, DoctorId, str]]:
    """Return ticket, doctor and token of somebody with a few people ahead, for some doctors."""
    found: list[tuple[str, DoctorId, str]] = []
    for doctor, _ in day.doctors:
        line = [(one.ticket, one.doctor, token) for one, token in day.trackers if one.doctor == doctor]
        if line:
            found.append(line[min(3, len(line) - 1)])
    return found[:SHOWN_TRACKERS]
