"""Hindi."""

from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.templates.words.shape import Spoken, Words

SPOKEN = Spoken(
    hello="नमस्ते {readerName},",
    any_doctor="किसी भी डॉक्टर",
    for_whom="{name}: ",
    minutes={"one": "{n} मिनट", "other": "{n} मिनट"},
    why="यह ईमेल आपको इसलिए मिला क्योंकि आप {organisation} के मरीज़ हैं।",
    stop="ऐसे ईमेल अब न भेजें",
    stop_title="संदेश बंद करें",
    stop_what="{channel} से आपको यह अब नहीं भेजा जाएगा: {kind}।",
    stop_one="बंद करें",
    stop_all="{channel} से सभी संदेश बंद करें",
    stopped="बंद कर दिया गया",
    stopped_one="{channel} से आपको यह अब नहीं भेजा जाएगा: {kind}।",
    stopped_all="{channel} से आपको अब संदेश नहीं भेजे जाएँगे।",
    stopped_more="आप इन्हें अपने खाते में फिर चालू कर सकते हैं या क्लिनिक से कह सकते हैं।",
    channels={"email": "ईमेल", "sms": "SMS", "whatsapp": "WhatsApp", "push": "सूचना"},
    kinds={
        Kind.WAITLIST_JOINED: Words(
            named="प्रतीक्षा सूची: नाम दर्ज",
            subject="आप {clinicName} की प्रतीक्षा सूची में हैं",
            line="{doctorName} के साथ समय के लिए आप प्रतीक्षा सूची में हैं। समय मिलते ही हम बताएँगे।",
            told=(
                "{doctorName} के साथ समय के लिए आप {clinicName} की प्रतीक्षा सूची में हैं।\n\n"
                "आपके अनुकूल समय मिलते ही हम उसे आपके लिए रोककर आपको संदेश भेजेंगे।"
            ),
            action="स्थिति देखें",
        ),
        Kind.WAITLIST_INVITED: Words(
            named="प्रतीक्षा सूची: समय की पेशकश",
            subject="एक समय ख़ाली है: {start}",
            line="{doctorName} के साथ एक समय आपके लिए रोका गया है: {start}। कृपया {respondBy} तक जवाब दें।",
            told=(
                "{doctorName} के साथ एक समय ख़ाली है और आपके लिए रोका गया है:\n{start}\n\n"
                "कृपया {respondBy} तक स्वीकार या अस्वीकार करें। उसके बाद यह किसी और को दिया जाएगा और आप प्रतीक्षा"
                " सूची में बने रहेंगे।"
            ),
            action="स्वीकार या अस्वीकार करें",
        ),
        Kind.WAITLIST_REMINDER: Words(
            named="प्रतीक्षा सूची: जवाब देने की याद",
            subject="अब भी आपके लिए रुका है: {start}",
            line="{doctorName} के साथ समय {respondBy} तक आपके लिए रुका है: {start}। कृपया जवाब दें।",
            told=(
                "{doctorName} के साथ एक समय अब भी आपके लिए रुका है:\n{start}\n\n"
                "अगर आपने {respondBy} तक जवाब नहीं दिया, तो यह किसी और को दिया जाएगा।"
            ),
            action="स्वीकार या अस्वीकार करें",
        ),
        Kind.WAITLIST_PROMOTED: Words(
            named="प्रतीक्षा सूची: समय बुक हुआ",
            subject="आपका समय बुक है: {start}",
            line="प्रतीक्षा सूची से आपका समय बुक हुआ: {start}, {doctorName} के साथ। टिकट {ticket}।",
            told=(
                "इंतज़ार ख़त्म हुआ। {doctorName} के साथ आपका समय बुक है:\n{start}\n{clinicAddress}\n\n"
                "आपका टिकट {ticket} है। इस लिंक से कतार में अपनी जगह देखें।"
            ),
            action="मेरी अपॉइंटमेंट देखें",
        ),
        Kind.WAITLIST_EXPIRED: Words(
            named="प्रतीक्षा सूची: समय मिले बिना समाप्त",
            subject="प्रतीक्षा सूची में आपकी अवधि समाप्त हुई",
            line="{doctorName} के साथ कोई समय ख़ाली नहीं हुआ और प्रतीक्षा सूची में आपकी अवधि समाप्त हुई।",
            told=(
                "हमें खेद है: {doctorName} के साथ कोई समय ख़ाली नहीं हुआ और {clinicName} की प्रतीक्षा सूची में"
                " आपकी अवधि समाप्त हुई।\n\nआप दूसरा समय ढूँढ सकते हैं या फिर से सूची में जुड़ सकते हैं।"
            ),
            action="समय ढूँढें",
        ),
        Kind.WAITLIST_CANCELLED: Words(
            named="प्रतीक्षा सूची: नाम हटा",
            subject="आप अब प्रतीक्षा सूची में नहीं हैं",
            line="{doctorName} के साथ समय के लिए आप अब प्रतीक्षा सूची में नहीं हैं।",
            told=(
                "{doctorName} के साथ समय के लिए आप अब {clinicName} की प्रतीक्षा सूची में नहीं हैं।\n\n"
                "अगर ऐसा नहीं होना था, तो कृपया क्लिनिक को फ़ोन करें।"
            ),
            action="समय ढूँढें",
        ),
        Kind.BOOKED: Words(
            named="अपॉइंटमेंट: बुक हुई",
            subject="अपॉइंटमेंट बुक है: {start}",
            line="अपॉइंटमेंट बुक है: {start}, {doctorName} के साथ। टिकट {ticket}।",
            told=(
                "{doctorName} के साथ आपकी अपॉइंटमेंट बुक है:\n{start}\n{clinicAddress}\n\n"
                "आपका टिकट {ticket} है। उस दिन इस लिंक से कतार में अपनी जगह देखें।"
            ),
            action="मेरी अपॉइंटमेंट देखें",
        ),
        Kind.REMINDER: Words(
            named="अपॉइंटमेंट: याद दिलाना",
            subject="याद रखें: {start}",
            line="याद रखें: {start}, {doctorName} के साथ। टिकट {ticket}।",
            told=(
                "{doctorName} के साथ आपकी अपॉइंटमेंट है:\n{start}\n{clinicAddress}\n\n"
                "आपका टिकट {ticket} है। अगर आप नहीं आ सकते, तो कृपया रद्द करें, ताकि यह समय किसी और को मिल सके।"
            ),
            action="मेरी अपॉइंटमेंट देखें",
        ),
        Kind.CALLED: Words(
            named="कतार: आपकी बारी",
            subject="आपकी बारी है",
            line="टिकट {ticket}: आपकी बारी है। {whereTo}।",
            told="टिकट {ticket}: {doctorName} के साथ आपकी बारी है।\n\n{whereTo}।",
            action="मेरी जगह देखें",
        ),
        Kind.AHEAD: Words(
            named="कतार: बारी आने वाली है",
            subject="{aheadOfYou}",
            line="टिकट {ticket}: {aheadOfYou}। कृपया डॉक्टर के कमरे के पास रहें।",
            told="टिकट {ticket}, {doctorName} के साथ: {aheadOfYou}।\n\nकृपया डॉक्टर के कमरे के पास रहें।",
            action="मेरी जगह देखें",
        ),
        Kind.DELAY: Words(
            named="कतार: देरी",
            subject="{doctorName}: देरी हो रही है",
            line="{doctorName} के यहाँ {delay} की देरी चल रही है। आपकी जगह सुरक्षित है।",
            told=(
                "{doctorName} के यहाँ {delay} की देरी चल रही है।\n\n{message}\n\nआपकी जगह सुरक्षित है। आपका समय था: {start}।"
            ),
            action="मेरी जगह देखें",
        ),
        Kind.EMERGENCY: Words(
            named="कतार: ज़रूरी सूचना",
            subject="{clinicName} से ज़रूरी सूचना",
            line="ज़रूरी: {message}",
            told="{doctorName} के साथ आपकी अपॉइंटमेंट ({start}) के बारे में ज़रूरी सूचना:\n\n{message}",
            action="मेरी जगह देखें",
        ),
        Kind.CANCELLED: Words(
            named="अपॉइंटमेंट: रद्द हुई",
            subject="अपॉइंटमेंट रद्द है: {start}",
            line="{doctorName} के साथ आपकी अपॉइंटमेंट रद्द है: {start}।",
            told=("{doctorName} के साथ आपकी अपॉइंटमेंट रद्द है:\n{start}\n\nअगर ऐसा नहीं होना था, तो कृपया क्लिनिक को फ़ोन करें।"),
            action="दूसरा समय ढूँढें",
        ),
        Kind.MANUAL: Words(
            named="क्लिनिक के लिखे संदेश",
            subject="{clinicName} से एक संदेश",
            line="{message}",
            told="{message}",
            action="खोलें",
        ),
    },
)
