"""Arabic. Counted things have six forms; instants stand behind a colon, so that no case ending depends on them."""

from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.templates.words.shape import Spoken, Words

SPOKEN = Spoken(
    hello="مرحبًا {readerName}،",
    any_doctor="أي طبيب",
    for_whom="{name}: ",
    minutes={
        "zero": "بلا تأخير",
        "one": "دقيقة واحدة",
        "two": "دقيقتان",
        "few": "{n} دقائق",
        "many": "{n} دقيقة",
        "other": "{n} دقيقة",
    },
    why="وصلتك هذه الرسالة لأنك من مراجعي {organisation}.",
    stop="إيقاف رسائل كهذه",
    stop_title="إيقاف الرسائل",
    stop_what="لن تصلك بعد الآن عبر {channel}: {kind}.",
    stop_one="إيقاف",
    stop_all="إيقاف كل الرسائل عبر {channel}",
    stopped="تم الإيقاف",
    stopped_one="لن تصلك بعد الآن عبر {channel}: {kind}.",
    stopped_all="لن تصلك رسائل عبر {channel} بعد الآن.",
    stopped_more="يمكنك تشغيلها من جديد في حسابك أو أن تطلب ذلك من العيادة.",
    channels={"email": "البريد الإلكتروني", "sms": "الرسائل القصيرة", "whatsapp": "واتساب", "push": "الإشعارات"},
    kinds={
        Kind.WAITLIST_JOINED: Words(
            named="قائمة الانتظار: التسجيل",
            subject="أنت على قائمة الانتظار في {clinicName}",
            line="أنت على قائمة الانتظار لموعد مع {doctorName}. سنراسلك فور توفّر موعد.",
            told=(
                "أنت على قائمة الانتظار في {clinicName} لموعد مع {doctorName}.\n\n"
                "فور توفّر موعد يناسبك سنحجزه لك مؤقتًا ونراسلك."
            ),
            action="تابع طلبك",
        ),
        Kind.WAITLIST_INVITED: Words(
            named="قائمة الانتظار: عرض موعد",
            subject="موعد متاح: {start}",
            line="حُجز لك مؤقتًا موعد مع {doctorName}: {start}. يُرجى الرد قبل: {respondBy}.",
            told=(
                "توفّر موعد مع {doctorName} وحُجز لك مؤقتًا:\n{start}\n\n"
                "يُرجى قبوله أو رفضه قبل: {respondBy}. بعد ذلك يُعرض على غيرك وتبقى أنت على قائمة الانتظار."
            ),
            action="القبول أو الرفض",
        ),
        Kind.WAITLIST_REMINDER: Words(
            named="قائمة الانتظار: تذكير بالرد",
            subject="ما زال محجوزًا لك: {start}",
            line="ما زال الموعد مع {doctorName} محجوزًا لك: {start}. يُرجى الرد قبل: {respondBy}.",
            told=(
                "ما زال الموعد مع {doctorName} محجوزًا لك مؤقتًا:\n{start}\n\n"
                "إن لم ترد فسيُعرض على غيرك. يُرجى الرد قبل: {respondBy}."
            ),
            action="القبول أو الرفض",
        ),
        Kind.WAITLIST_PROMOTED: Words(
            named="قائمة الانتظار: حجز موعد",
            subject="لديك موعد: {start}",
            line="حصلت على موعد من قائمة الانتظار مع {doctorName}: {start}. التذكرة: {ticket}.",
            told=(
                "انتهى انتظارك. حُجز لك موعد مع {doctorName}:\n{start}\n{clinicAddress}\n\n"
                "رقم تذكرتك: {ticket}. تابع مكانك في الطابور عبر هذا الرابط."
            ),
            action="عرض موعدي",
        ),
        Kind.WAITLIST_EXPIRED: Words(
            named="قائمة الانتظار: انتهاء المدة بلا موعد",
            subject="انتهت مدة انتظارك",
            line="لم يتوفّر موعد مع {doctorName} وانتهت مدة بقائك على قائمة الانتظار.",
            told=(
                "نأسف: لم يتوفّر موعد مع {doctorName} وانتهت مدة بقائك على قائمة الانتظار في {clinicName}.\n\n"
                "يمكنك البحث عن موعد أو التسجيل في القائمة من جديد."
            ),
            action="البحث عن موعد",
        ),
        Kind.WAITLIST_CANCELLED: Words(
            named="قائمة الانتظار: الخروج منها",
            subject="لم تعد على قائمة الانتظار",
            line="لم تعد على قائمة الانتظار لموعد مع {doctorName}.",
            told=(
                "لم تعد على قائمة الانتظار في {clinicName} لموعد مع {doctorName}.\n\n"
                "إن لم تتوقع ذلك فاتصل بالعيادة من فضلك."
            ),
            action="البحث عن موعد",
        ),
        Kind.BOOKED: Words(
            named="الموعد: تأكيد الحجز",
            subject="حُجز موعدك: {start}",
            line="حُجز موعدك مع {doctorName}: {start}. التذكرة: {ticket}.",
            told=(
                "حُجز موعدك مع {doctorName}:\n{start}\n{clinicAddress}\n\n"
                "رقم تذكرتك: {ticket}. في يوم الموعد تابع مكانك في الطابور عبر هذا الرابط."
            ),
            action="عرض موعدي",
        ),
        Kind.REMINDER: Words(
            named="الموعد: تذكير",
            subject="تذكير بموعدك: {start}",
            line="تذكير بموعدك مع {doctorName}: {start}. التذكرة: {ticket}.",
            told=(
                "ننتظرك في موعدك مع {doctorName}:\n{start}\n{clinicAddress}\n\n"
                "رقم تذكرتك: {ticket}. إن تعذّر حضورك فألغِ الموعد من فضلك ليستفيد منه غيرك."
            ),
            action="عرض موعدي",
        ),
        Kind.CALLED: Words(
            named="الطابور: حان دورك",
            subject="حان دورك",
            line="التذكرة {ticket}: حان دورك. {whereTo}.",
            told="التذكرة {ticket}: حان دورك مع {doctorName}.\n\n{whereTo}.",
            action="عرض مكاني",
        ),
        Kind.AHEAD: Words(
            named="الطابور: اقترب دورك",
            subject="{aheadOfYou}",
            line="التذكرة {ticket}: {aheadOfYou}. يُرجى البقاء قرب غرفة الكشف.",
            told="التذكرة {ticket} مع {doctorName}: {aheadOfYou}.\n\nيُرجى البقاء قرب غرفة الكشف.",
            action="عرض مكاني",
        ),
        Kind.DELAY: Words(
            named="الطابور: تأخير",
            subject="تأخير لدى {doctorName}",
            line="تأخير لدى {doctorName}، المدة: {delay}. مكانك محفوظ.",
            told=("تأخير لدى {doctorName}، المدة: {delay}.\n\n{message}\n\nمكانك محفوظ. كان موعدك: {start}."),
            action="عرض مكاني",
        ),
        Kind.EMERGENCY: Words(
            named="الطابور: أخبار مهمة",
            subject="خبر مهم من {clinicName}",
            line="مهم: {message}",
            told="خبر مهم بخصوص موعدك مع {doctorName} ({start}):\n\n{message}",
            action="عرض مكاني",
        ),
        Kind.CANCELLED: Words(
            named="الموعد: إلغاء",
            subject="أُلغي موعدك: {start}",
            line="أُلغي موعدك مع {doctorName}: {start}.",
            told=("أُلغي موعدك مع {doctorName}:\n{start}\n\nإن لم تتوقع ذلك فاتصل بالعيادة من فضلك."),
            action="البحث عن موعد آخر",
        ),
        Kind.MANUAL: Words(
            named="رسائل تكتبها العيادة",
            subject="رسالة من {clinicName}",
            line="{message}",
            told="{message}",
            action="فتح",
        ),
    },
)
