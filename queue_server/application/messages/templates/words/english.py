"""English."""

from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.templates.words.shape import Spoken, Words

SPOKEN = Spoken(
    hello="Hello {readerName},",
    any_doctor="any doctor",
    for_whom="{name}: ",
    minutes={"one": "{n} minute", "other": "{n} minutes"},
    why="You get this e-mail because you are a patient of {organisation}.",
    stop="No more e-mails like this",
    stop_title="Turn off messages",
    stop_what="You will not be sent these any more by {channel}: {kind}.",
    stop_one="Turn off",
    stop_all="Turn off all messages by {channel}",
    stopped="Turned off",
    stopped_one="You are not sent these any more by {channel}: {kind}.",
    stopped_all="You are not sent messages by {channel} any more.",
    stopped_more="You can turn them on again in your account, or ask the clinic to.",
    channels={"email": "e-mail", "sms": "text message", "whatsapp": "WhatsApp", "push": "notification"},
    kinds={
        Kind.WAITLIST_JOINED: Words(
            named="Waitlist: joined",
            subject="You are on the waitlist of {clinicName}",
            line="You are on the waitlist for a time with {doctorName}. We write as soon as there is one.",
            told=(
                "You are on the waitlist of {clinicName} for a time with {doctorName}.\n\n"
                "As soon as there is one that suits you, it is held for you and we write to you."
            ),
            action="See how things stand",
        ),
        Kind.WAITLIST_INVITED: Words(
            named="Waitlist: a time is offered",
            subject="A time is free: {start}",
            line="A time with {doctorName} is held for you: {start}. Please answer by {respondBy}.",
            told=(
                "A time with {doctorName} is free and held for you:\n{start}\n\n"
                "Please accept or decline by {respondBy}. After that it is offered to somebody else, and you stay on"
                " the waitlist."
            ),
            action="Accept or decline",
        ),
        Kind.WAITLIST_REMINDER: Words(
            named="Waitlist: reminders to answer",
            subject="Still held for you: {start}",
            line="Still held for you until {respondBy}: {start} with {doctorName}. Please answer.",
            told=(
                "A time with {doctorName} is still held for you:\n{start}\n\n"
                "It is offered to somebody else if you have not answered by {respondBy}."
            ),
            action="Accept or decline",
        ),
        Kind.WAITLIST_PROMOTED: Words(
            named="Waitlist: a time was booked",
            subject="You have a time: {start}",
            line="You have a time from the waitlist: {start} with {doctorName}. Ticket {ticket}.",
            told=(
                "Your waiting is over. A time with {doctorName} is booked for you:\n{start}\n{clinicAddress}\n\n"
                "Your ticket is {ticket}. Follow your place in the queue with this link."
            ),
            action="See my visit",
        ),
        Kind.WAITLIST_EXPIRED: Words(
            named="Waitlist: ended without a time",
            subject="Your time on the waitlist has ended",
            line="No time with {doctorName} came free for you, and your time on the waitlist has ended.",
            told=(
                "We are sorry: no time with {doctorName} came free for you, and your time on the waitlist of"
                " {clinicName} has ended.\n\nYou can look for a time or join the waitlist again."
            ),
            action="Look for a time",
        ),
        Kind.WAITLIST_CANCELLED: Words(
            named="Waitlist: left",
            subject="You are not on the waitlist any more",
            line="You are not on the waitlist for a time with {doctorName} any more.",
            told=(
                "You are not on the waitlist of {clinicName} for a time with {doctorName} any more.\n\n"
                "If you did not expect this, please call the clinic."
            ),
            action="Look for a time",
        ),
        Kind.BOOKED: Words(
            named="Visit: booked",
            subject="Booked: {start}",
            line="Booked: {start} with {doctorName}. Ticket {ticket}.",
            told=(
                "Your visit to {doctorName} is booked:\n{start}\n{clinicAddress}\n\n"
                "Your ticket is {ticket}. On the day, follow your place in the queue with this link."
            ),
            action="See my visit",
        ),
        Kind.REMINDER: Words(
            named="Visit: reminder",
            subject="Reminder: {start}",
            line="Reminder: {start} with {doctorName}. Ticket {ticket}.",
            told=(
                "We expect you for your visit to {doctorName}:\n{start}\n{clinicAddress}\n\n"
                "Your ticket is {ticket}. If you cannot come, please cancel, so that somebody else can have the time."
            ),
            action="See my visit",
        ),
        Kind.CALLED: Words(
            named="Queue: your turn",
            subject="It is your turn",
            line="Ticket {ticket}: it is your turn. {whereTo}.",
            told="Ticket {ticket}: it is your turn with {doctorName}.\n\n{whereTo}.",
            action="See my place",
        ),
        Kind.AHEAD: Words(
            named="Queue: soon your turn",
            subject="{aheadOfYou}",
            line="Ticket {ticket}: {aheadOfYou}. Please be close to the consulting room.",
            told="Ticket {ticket} with {doctorName}: {aheadOfYou}.\n\nPlease be close to the consulting room.",
            action="See my place",
        ),
        Kind.DELAY: Words(
            named="Queue: delay",
            subject="{doctorName} is running late",
            line="{doctorName} is running late by {delay}. Your place is kept.",
            told=(
                "{doctorName} is running late by {delay}.\n\n{message}\n\n"
                "Your place is kept. Your visit was to begin: {start}."
            ),
            action="See my place",
        ),
        Kind.EMERGENCY: Words(
            named="Queue: important news",
            subject="Important news from {clinicName}",
            line="Important: {message}",
            told="Important news about your visit to {doctorName} on {start}:\n\n{message}",
            action="See my place",
        ),
        Kind.CANCELLED: Words(
            named="Visit: cancelled",
            subject="Cancelled: {start}",
            line="Your visit to {doctorName} is cancelled: {start}.",
            told=(
                "Your visit to {doctorName} is cancelled:\n{start}\n\n"
                "If you did not expect this, please call the clinic."
            ),
            action="Look for another time",
        ),
        Kind.MANUAL: Words(
            named="Messages written by the clinic",
            subject="A message from {clinicName}",
            line="{message}",
            told="{message}",
            action="Open",
        ),
    },
)
