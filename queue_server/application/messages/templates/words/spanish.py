"""Spanish."""

from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.templates.words.shape import Spoken, Words

SPOKEN = Spoken(
    hello="Hola, {readerName}:",
    any_doctor="cualquier médico",
    for_whom="{name}: ",
    minutes={"one": "{n} minuto", "other": "{n} minutos"},
    why="Recibe este correo porque es paciente de {organisation}.",
    stop="No recibir más correos como este",
    stop_title="Desactivar mensajes",
    stop_what="Dejará de recibir por {channel}: {kind}.",
    stop_one="Desactivar",
    stop_all="Desactivar todos los mensajes por {channel}",
    stopped="Desactivado",
    stopped_one="Ya no recibirá por {channel}: {kind}.",
    stopped_all="Ya no recibirá mensajes por {channel}.",
    stopped_more="Puede volver a activarlos en su cuenta o pedírselo a la clínica.",
    channels={"email": "correo electrónico", "sms": "SMS", "whatsapp": "WhatsApp", "push": "notificación"},
    kinds={
        Kind.WAITLIST_JOINED: Words(
            named="Lista de espera: inscripción",
            subject="Está en la lista de espera de {clinicName}",
            line="Está en la lista de espera para una cita con {doctorName}. Le avisaremos en cuanto haya una hora.",
            told=(
                "Está en la lista de espera de {clinicName} para una cita con {doctorName}.\n\n"
                "En cuanto haya una hora que le convenga, se la reservaremos y le escribiremos."
            ),
            action="Ver cómo va",
        ),
        Kind.WAITLIST_INVITED: Words(
            named="Lista de espera: hora ofrecida",
            subject="Hay una hora libre: {start}",
            line="Tiene una hora reservada con {doctorName}: {start}. Responda antes de: {respondBy}.",
            told=(
                "Hay una hora libre con {doctorName} y se la hemos reservado:\n{start}\n\n"
                "Acéptela o rechácela antes de: {respondBy}. Después se ofrecerá a otra persona y usted seguirá en la"
                " lista de espera."
            ),
            action="Aceptar o rechazar",
        ),
        Kind.WAITLIST_REMINDER: Words(
            named="Lista de espera: recordatorios para responder",
            subject="Sigue reservada para usted: {start}",
            line="Sigue reservada para usted: {start} con {doctorName}. Responda antes de: {respondBy}.",
            told=(
                "Una hora con {doctorName} sigue reservada para usted:\n{start}\n\n"
                "Si no responde, se ofrecerá a otra persona. Responda antes de: {respondBy}."
            ),
            action="Aceptar o rechazar",
        ),
        Kind.WAITLIST_PROMOTED: Words(
            named="Lista de espera: cita reservada",
            subject="Ya tiene hora: {start}",
            line="Ya tiene hora de la lista de espera: {start} con {doctorName}. Turno {ticket}.",
            told=(
                "La espera ha terminado. Tiene una cita con {doctorName}:\n{start}\n{clinicAddress}\n\n"
                "Su turno es {ticket}. Con este enlace puede seguir su lugar en la fila."
            ),
            action="Ver mi cita",
        ),
        Kind.WAITLIST_EXPIRED: Words(
            named="Lista de espera: terminada sin cita",
            subject="Su tiempo en la lista de espera ha terminado",
            line="No quedó libre ninguna hora con {doctorName} y su tiempo en la lista de espera ha terminado.",
            told=(
                "Lo sentimos: no quedó libre ninguna hora con {doctorName} y su tiempo en la lista de espera de"
                " {clinicName} ha terminado.\n\nPuede buscar una hora o volver a apuntarse."
            ),
            action="Buscar una hora",
        ),
        Kind.WAITLIST_CANCELLED: Words(
            named="Lista de espera: baja",
            subject="Ya no está en la lista de espera",
            line="Ya no está en la lista de espera para una cita con {doctorName}.",
            told=(
                "Ya no está en la lista de espera de {clinicName} para una cita con {doctorName}.\n\n"
                "Si no lo esperaba, llame a la clínica."
            ),
            action="Buscar una hora",
        ),
        Kind.BOOKED: Words(
            named="Cita: reservada",
            subject="Cita reservada: {start}",
            line="Cita reservada: {start} con {doctorName}. Turno {ticket}.",
            told=(
                "Su cita con {doctorName} está reservada:\n{start}\n{clinicAddress}\n\n"
                "Su turno es {ticket}. Ese día puede seguir su lugar en la fila con este enlace."
            ),
            action="Ver mi cita",
        ),
        Kind.REMINDER: Words(
            named="Cita: recordatorio",
            subject="Recordatorio: {start}",
            line="Recordatorio: {start} con {doctorName}. Turno {ticket}.",
            told=(
                "Le esperamos para su cita con {doctorName}:\n{start}\n{clinicAddress}\n\n"
                "Su turno es {ticket}. Si no puede venir, cancele la cita para que otra persona pueda tener la hora."
            ),
            action="Ver mi cita",
        ),
        Kind.CALLED: Words(
            named="Fila: es su turno",
            subject="Es su turno",
            line="Turno {ticket}: es su turno. {whereTo}.",
            told="Turno {ticket}: es su turno con {doctorName}.\n\n{whereTo}.",
            action="Ver mi lugar",
        ),
        Kind.AHEAD: Words(
            named="Fila: pronto será su turno",
            subject="{aheadOfYou}",
            line="Turno {ticket}: {aheadOfYou}. Espere cerca de la consulta, por favor.",
            told="Turno {ticket} con {doctorName}: {aheadOfYou}.\n\nEspere cerca de la consulta, por favor.",
            action="Ver mi lugar",
        ),
        Kind.DELAY: Words(
            named="Fila: retraso",
            subject="{doctorName} lleva retraso",
            line="{doctorName} lleva un retraso de {delay}. Su lugar está guardado.",
            told=(
                "{doctorName} lleva un retraso de {delay}.\n\n{message}\n\n"
                "Su lugar está guardado. Su cita era: {start}."
            ),
            action="Ver mi lugar",
        ),
        Kind.EMERGENCY: Words(
            named="Fila: avisos importantes",
            subject="Aviso importante de {clinicName}",
            line="Importante: {message}",
            told="Aviso importante sobre su cita con {doctorName} ({start}):\n\n{message}",
            action="Ver mi lugar",
        ),
        Kind.CANCELLED: Words(
            named="Cita: cancelada",
            subject="Cita cancelada: {start}",
            line="Su cita con {doctorName} está cancelada: {start}.",
            told=("Su cita con {doctorName} está cancelada:\n{start}\n\nSi no lo esperaba, llame a la clínica."),
            action="Buscar otra hora",
        ),
        Kind.MANUAL: Words(
            named="Mensajes escritos por la clínica",
            subject="Un mensaje de {clinicName}",
            line="{message}",
            told="{message}",
            action="Abrir",
        ),
    },
)
