"""Other languages than English: when one is recognised, when not, and who asks for a person in it."""

from __future__ import annotations

import time

import pytest

from overture.agent import language

ENGLISH_OR_UNKNOWN = [
    "ok", "k", "yes", "no", "no!", "2 pm", "SH-10234", "AB-123 DE-456", "👍", "???", "", " ", "12345", "lol",
    "no gracias", "gracias", "merci", "hola", "si", "oui", "nein", "ciao bella", "thx", "asap pls", "naw", "hiya",
    "uh huh", "i dunno", "okay okay okay", "no no no", "la la la la land", "Carol Müller", "Jose Garcia",
    "Ana María", "São Paulo", "Rio de Janeiro", "via email", "DHL Express", "iPhone 15 Pro Max 256",
    "carol@example.com", "https://shop.example/bestellung/versand/kosten", "order SH-10234 please",
    "where is my order?", "Where is my pedido", "I live in Köln, Germany", "my name is Björn Ångström",
    "is it safe to travel to rio de janeiro", "I bought the Das Keyboard last week", "wtf is dis", "u r no help",
    "can i get a refund por favor", "the crème brûlée was burnt", "size M in blue", "refund asap thx",
    "does the café in São Paulo deliver", "What does “Kundendienst” mean?", "blue suede shoes",
]  # fmt: skip

RECOGNISED = {
    "es": ["¿Dónde está mi pedido?", "Quiero devolver estos zapatos", "Me cobraron dos veces este mes",
           "cuanto tarda el envio", "necesito cambiar la direccion de entrega", "no gracias, prefiero esperar"],
    "fr": ["Où est ma commande ?", "Je n'arrive pas à me connecter", "combien coute la livraison",
           "je veux être remboursé", "Comment puis-je annuler mon abonnement ?"],
    "de": ["Wo ist meine Bestellung?", "Ich kann mich nicht anmelden", "wie lange dauert der versand",
           "ich will mein geld zurück", "nein danke, ich warte lieber"],
    "pt": ["Onde está o meu pedido?", "Não consigo entrar na minha conta", "preciso mudar o endereço de entrega",
           "quero o meu dinheiro de volta"],
    "it": ["Dov'è il mio ordine?", "Voglio restituire queste scarpe", "quanto costa la spedizione",
           "no grazie, preferisco aspettare"],
    "nl": ["Waar is mijn bestelling?", "Ik wil deze schoenen terugsturen", "hoe lang duurt de levering",
           "nee bedankt, ik wacht liever"],
    "pl": ["Gdzie jest moje zamówienie?", "Nie mogę się zalogować na konto", "musze zmienic adres dostawy"],
    "tr": ["Bu ayakkabıları iade etmek istiyorum", "Hesabıma giriş yapamıyorum", "paramı geri istiyorum"],
    "ru": ["Где мой заказ?", "С меня списали деньги два раза", "Не могу войти в аккаунт", "верните мне деньги"],
    "ar": ["أين طلبي؟", "أريد إرجاع هذا الحذاء", "لا شكرا سأنتظر"],
    "zh": ["我的订单在哪里?", "我要退款", "我的 order SH-10234 还没到"],
    "ja": ["注文はどこですか?", "この靴を返品したいです", "返金してほしい", "SH-10234 の注文を確認したい"],
    "ko": ["주문한 물건은 어디에 있나요?"],
    "hi": ["मेरा ऑर्डर कहाँ है?"],
    "sv": ["Jag kan inte logga in på mitt konto"],
    "fi": ["Haluan palauttaa nämä kengät"],
    "cs": ["Nemohu se přihlásit ke svému účtu"],
    "hu": ["Szeretném visszaküldeni a cipőt"],
    "vi": ["Tôi muốn trả lại đôi giày này"],
    "id": ["Saya tidak bisa masuk ke akun saya"],
    "uk": ["Я хочу повернути ці черевики"],
    "el": ["Πού είναι η παραγγελία μου;"],
    "he": ["איפה ההזמנה שלי?"],
    "th": ["คำสั่งซื้อของฉันอยู่ที่ไหน"],
    "fa": ["می‌خواهم کفش‌ها را پس بدهم"],
}  # fmt: skip

ASKS = {
    "es": ["quiero hablar con una persona", "Quiero hablar con un agente humano, por favor", "agente por favor",
           "¿Puedo hablar con alguien?", "páseme con un asesor", "necesito hablar con un humano ya",
           "no quiero hablar con un bot", "quiero mi reembolso, comuníqueme con una persona", "persona real",
           "¿pueden llamarme?", "que me llame alguien", "necesito un agente", "una persona, por favor"],
    "fr": ["je veux parler à une personne", "Je voudrais parler à quelqu'un", "un conseiller svp",
           "passez-moi un conseiller", "puis-je parler à un être humain ?", "pouvez-vous me passer un responsable",
           "j'aimerais parler avec un agent", "rappelez-moi s'il vous plaît", "marre de parler à un robot",
           "je veux être remboursé, mettez-moi en relation avec quelqu'un", "je veux un humain"],
    "de": ["ich möchte mit einem Menschen sprechen", "Kann ich mit jemandem sprechen?", "Mitarbeiter bitte",
           "verbinden Sie mich mit einem Mitarbeiter", "Ich will einen echten Menschen",
           "Bitte rufen Sie mich zurück", "kann ich mit einem Berater reden?", "mit einem menschen bitte",
           "Ich will mein Geld zurück, verbinden Sie mich mit jemandem", "ich will mit keinem Bot reden",
           "gibt es jemanden, mit dem ich sprechen kann? Ich brauche einen Menschen"],
    "pt": ["quero falar com uma pessoa", "Posso falar com um atendente?", "atendente por favor",
           "preciso falar com alguém", "me passa para um atendente", "quero falar com um ser humano",
           "gostaria de falar com um humano", "atendimento humano", "podem ligar-me?"],
    "it": ["voglio parlare con una persona", "Vorrei parlare con un operatore", "operatore per favore",
           "posso parlare con qualcuno?", "passatemi un operatore", "mi passi un responsabile",
           "voglio parlare con un essere umano", "potete richiamarmi?", "basta con questo bot"],
    "nl": ["ik wil met een mens spreken", "Kan ik iemand spreken?", "medewerker alstublieft",
           "kan ik met een medewerker praten", "verbind me door met een medewerker", "ik wil een echt persoon",
           "bel me terug", "ik wil met iemand praten", "geen bot meer"],
    "pl": ["chcę rozmawiać z człowiekiem", "Proszę połączyć mnie z konsultantem", "konsultant proszę",
           "czy mogę porozmawiać z kimś?", "chcę porozmawiać z pracownikiem", "proszę o kontakt z konsultantem",
           "nie chcę rozmawiać z botem"],
    "tr": ["bir insanla konuşmak istiyorum", "Müşteri temsilcisine bağlanmak istiyorum", "temsilci lütfen",
           "gerçek bir insanla görüşmek istiyorum", "beni bir yetkiliye bağlayın", "biriyle konuşabilir miyim?",
           "canlı destek"],
    "ru": ["хочу поговорить с человеком", "Соедините меня с оператором", "оператор", "позовите человека",
           "можно поговорить с живым человеком?", "переключите на оператора", "свяжите меня с менеджером",
           "перезвоните мне", "не хочу говорить с ботом"],
    "ar": ["أريد التحدث مع شخص", "أريد التحدث إلى موظف", "حولني إلى موظف", "موظف من فضلك",
           "هل يمكنني التحدث مع شخص حقيقي؟", "أريد أن أتكلم مع إنسان", "اتصلوا بي", "خدمة العملاء"],
    "zh": ["转人工", "我要人工客服", "我想和真人说话", "我想跟人说话", "请帮我转客服", "找你们经理", "人工"],
    "ja": ["人間と話したい", "担当者につないでください", "オペレーターをお願いします", "人と話したいです",
           "スタッフに代わってください", "電話をください", "オペレーターお願いします"],
}  # fmt: skip

DOES_NOT_ASK = [
    "no quiero hablar con una persona", "ya hablé con un agente", "¿eres una persona?", "mi agente dijo que sí",
    "soy una persona real", "quiero devolver un producto para otra persona", "habitación para una persona",
    "Ich möchte nicht mit einem Mitarbeiter sprechen", "Ich habe schon mit einem Mitarbeiter gesprochen",
    "bist du ein Mensch?", "Ihr Mitarbeiter hat gesagt, es kommt heute", "Ich bin ein Mensch",
    "ich will mein geld zurück", "Zimmer für eine Person", "ich muss meine lieferadresse ändern",
    "je ne veux pas parler à un agent", "j'ai déjà parlé à un conseiller", "êtes-vous humain ?",
    "une chambre pour une personne", "je voudrais changer mon adresse de livraison",
    "não quero falar com um atendente", "já falei com um atendente", "você é humano?", "quero o meu dinheiro de volta",
    "non voglio parlare con un operatore", "ho già parlato con un operatore", "sei una persona?",
    "ik wil niet met een medewerker praten", "ik heb al met een medewerker gesproken", "ben je een mens?",
    "nie chcę rozmawiać z konsultantem", "rozmawiałem już z konsultantem", "czy jesteś człowiekiem?",
    "bir insanla konuşmak istemiyorum", "insan mısın?", "temsilciyle konuştum", "iade etmek istiyorum",
    "не хочу говорить с оператором", "я уже говорил с оператором", "ты человек?",
    "لا أريد التحدث مع موظف", "تحدثت مع موظف أمس", "هل أنت إنسان؟",
    "不用转人工", "你是真人吗?", "我和客服说过了", "人間ですか?", "担当者と話したくない", "スタッフと話しました",
    "where is my order", "the agent was rude", "persona 5 please", "I need an operations manual", "no", "si",
]  # fmt: skip

# Said sideways, as such requests mostly are: somebody in charge, a call, a look at it, anybody at all.
SIDEWAYS = {
    "de": [
        "Ich komme so nicht weiter, bitte geben Sie mich an einen Ihrer Leute weiter",
        "Kann ich das telefonisch mit einer Beraterin besprechen?",
        "Wer ist denn bei Ihnen zuständig? Den möchte ich sprechen",
        "ich will kein computer ich will mit wem reden",
        "Bitte um Rückruf unter 0171 5550123",
        "Ihr versteht mein Problem nicht, holt bitte einen Kollegen dazu",
        "Ich hätte gern einen Rückruf von der Buchhaltung",
        "Das ist mir zu kompliziert, kann da mal ein Mensch draufschauen?",
        "mit einem bot rede ich nicht",
        "Ihr Chef soll mich anrufen",
    ],
    "fr": [
        "Il me faut quelqu'un de compétent, tout de suite",
        "Je souhaiterais m'entretenir avec un de vos collaborateurs",
        "allo ? il y a qqn ?",
        "est-ce qu'un conseiller peut reprendre ma demande ?",
        "Arrêtez avec vos réponses automatiques et passez-moi le service réclamations",
        "Pourriez-vous me téléphoner demain matin ?",
        "J'aimerais que quelqu'un de votre équipe étudie mon dossier",
        "pas de robot, un humain",
        "je peux avoir un conseiller au téléphone ?",
        "Vous ne comprenez rien, je veux voir ça avec une vraie personne",
    ],
    "es": [
        "Ponme con alguien que sepa",
        "¿Me podría atender un compañero suyo?",
        "Esto no me sirve, quiero que lo vea una persona",
        "Necesito que me comuniquen con el departamento de reclamaciones",
        "¿con quién hablo para quejarme?",
        "¿Podría hablar con alguien del equipo de facturación?",
        "ponganme con un ser humano de una vez",
        "Solicito que mi caso lo lleve un supervisor",
        "hola, ¿me atiende alguien?",
    ],
    "nl": [
        "Ik kom er niet uit, kan een collega meekijken?",
        "Laat me met je baas praten",
        "Ik spreek liever iemand aan de telefoon",
        "wie kan ik hierover spreken?",
        "Graag contact met een medewerker over mijn klacht",
        "kunt u mij laten bellen door een adviseur",
    ],
    "pt": [
        "Isto não me ajuda, chame um colega seu",
        "Quero que uma pessoa analise o meu caso",
        "Posso falar com o seu superior?",
        "me transfere pra um atendente",
        "Preferia falar ao telefone com alguém",
        "Não entendo, podem passar-me a um assistente?",
        "Queria que alguém olhasse para o meu processo",
        "quero um humano",
    ],
    "it": [
        "Mi faccia parlare con un suo collega",
        "Questo non mi aiuta, serve una persona",
        "Preferirei discuterne con il direttore",
        "Vorrei essere ricontattato da un operatore",
        "basta risposte automatiche, voglio una persona",
        "Mi può chiamare un vostro consulente?",
        "Non mi capisce, mi passi una persona",
    ],
    "pl": [
        "Czy mogę porozmawiać z kimś z działu reklamacji?",
        "Dajcie mi człowieka",
    ],
    "tr": [
        "Beni müdürünüze bağlayın",
    ],
    "ru": [
        "Дайте живого оператора",
        "Мне нужен человек, а не робот",
    ],
}  # fmt: skip

# People in the story, things that go to somebody, calls that are not wanted.
PEOPLE_IN_IT = [
    "Ich möchte jemandem einen Gutschein schenken",
    "Kann ich die Tickets an jemand anderen weitergeben?",
    "Ich will einen Termin mit meinem Steuerberater abstimmen und melde mich dann",
    "Der Kundenservice hat mir gestern eine E-Mail geschickt",
    "Wie lauten die Öffnungszeiten vom Kundenservice?",
    "Ich brauche eine Rechnung für meinen Chef",
    "Mein Kollege hat das gleiche Problem",
    "Kann man das Team später erweitern?",
    "Ich habe mit niemandem gesprochen",
    "Wie erreiche ich die Seite mit den Rechnungen?",
    "Ich möchte meine Bestellung stornieren",
    "Gibt es einen Support für Linux?",
    "Hat noch jemand diese Größe in Blau?",
    "Meine Frau soll auch Zugriff haben",
    "Bitte nicht anrufen, nur E-Mail",
    "das Gespräch wurde unterbrochen",
    "Je voudrais offrir une carte à quelqu'un",
    "Quelqu'un a utilisé ma carte",
    "Je dois en parler à ma femme",
    "Mon équipe a besoin de cinq licences",
    "Je veux changer le responsable de mon compte",
    "Quel est l'horaire du service client ?",
    "Je n'ai parlé à personne",
    "Le technicien n'est pas venu hier",
    "J'ai besoin d'une facture pour mon directeur",
    "Le support de téléphone est cassé",
    "Puis-je transférer mon billet à une autre personne ?",
    "Ne m'appelez pas, envoyez un mail",
    "Je cherche un cadeau pour mon collègue",
    "Le livreur a laissé le colis à quelqu'un d'autre",
    "Comment contacter le transporteur ?",
    "Quiero regalar esto a alguien",
    "Alguien usó mi tarjeta",
    "Tengo que hablar con mi esposa primero",
    "Necesito cinco licencias para mi equipo",
    "¿Cuál es el horario de atención al cliente?",
    "El técnico no vino ayer",
    "Necesito la factura para mi jefe",
    "Ayer hablé con una persona muy amable",
    "¿Puedo transferir mi billete a otra persona?",
    "¿Hay descuento para grupos de personas?",
    "No me llamen, prefiero correo",
    "El repartidor se lo dio a alguien",
    "Quiero cambiar al responsable de la cuenta",
    "¿Tienen soporte técnico para Mac?",
    "no hay nadie en casa para recibirlo",
    "¿Puede alguien más recoger mi pedido?",
    "Ik wil iemand een cadeaubon geven",
    "Iemand heeft mijn pas gebruikt",
    "Ik moet eerst met mijn vrouw overleggen",
    "Wat zijn de openingstijden van de klantenservice?",
    "De monteur is gisteren niet gekomen",
    "Ik heb een factuur nodig voor mijn baas",
    "Kan ik mijn ticket overzetten naar iemand anders?",
    "Bel me niet, stuur een mail",
    "Hebben jullie een bureau voor twee personen?",
    "Mijn team wil vijf licenties",
    "Kan iemand anders mijn pakket ophalen?",
    "Quero dar um presente a alguém",
    "Alguém usou o meu cartão",
    "Tenho de falar com a minha mulher primeiro",
    "Qual é o horário do atendimento?",
    "O técnico não veio ontem",
    "Preciso da fatura para o meu chefe",
    "Posso transferir o bilhete para outra pessoa?",
    "Não me liguem, prefiro email",
    "A minha equipa precisa de cinco licenças",
    "Outra pessoa pode levantar a encomenda?",
    "Voglio regalarlo a qualcuno",
    "Qualcuno ha usato la mia carta",
    "Devo parlarne prima con mia moglie",
    "Quali sono gli orari del servizio clienti?",
    "Il tecnico non è venuto ieri",
    "Mi serve la fattura per il mio capo",
    "Posso trasferire il biglietto a un'altra persona?",
    "Non chiamatemi, preferisco la mail",
    "Il mio team ha bisogno di cinque licenze",
    "Ho parlato con una persona ieri",
    "Muszę najpierw porozmawiać z żoną",
    "Ktoś użył mojej karty",
    "Chcę fakturę dla szefa",
    "Önce eşimle konuşmam lazım",
    "Biri kartımı kullanmış",
    "Мне надо сначала поговорить с женой",
    "Кто-то использовал мою карту",
    "Нужен счёт для начальника",
    "Die Mitarbeiterin im Laden war sehr freundlich",
    "Ich warte auf jemanden, der die Tür öffnet",
    "Können Sie mir die Rechnung schicken?",
    "Wer hat mein Paket angenommen?",
    "Ich will mit Karte zahlen",
    "Der Fahrer hat mit mir gesprochen und ist gefahren",
    "Le conseiller en magasin était très aimable",
    "Qui a signé pour mon colis ?",
    "Je veux payer avec la carte de mon mari",
    "Pouvez-vous m'envoyer la facture ?",
    "Est-ce que l'appareil parle français ?",
    "La empleada de la tienda fue muy amable",
    "¿Quién firmó mi paquete?",
    "Quiero pagar con la tarjeta de mi marido",
    "Necesito una habitación para dos personas",
    "¿Pueden enviarme la factura?",
    "De medewerker in de winkel was erg aardig",
    "Wie heeft voor mijn pakket getekend?",
    "Ik wil betalen met de kaart van mijn man",
    "A funcionária da loja foi muito simpática",
    "Quem assinou pela encomenda?",
    "Preciso de um quarto para duas pessoas",
    "La commessa del negozio è stata gentile",
    "Chi ha firmato per il pacco?",
    "Mi serve una camera per due persone",
]  # fmt: skip


@pytest.mark.parametrize("text", ENGLISH_OR_UNKNOWN)
def test_short_or_english_text_is_left_alone(text: str) -> None:
    assert language.spoken(text) is None


@pytest.mark.parametrize(
    ("code", "text"), [(code, text) for code, all_ in RECOGNISED.items() for text in all_]
)
def test_a_language_is_recognised(code: str, text: str) -> None:
    assert language.spoken(text) == code


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, all_ in ASKS.items() for text in all_])
def test_a_person_is_asked_for_in_twelve_languages(code: str, text: str) -> None:
    heard = language.person(text)
    assert heard is not None
    assert heard.probability > 0.9
    assert heard.rule is not None


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, all_ in SIDEWAYS.items() for text in all_])
def test_a_person_is_asked_for_sideways(code: str, text: str) -> None:
    assert language.person(text) is not None


@pytest.mark.parametrize(
    "text", ["mit einem bot rede ich nicht", "pas de robot", "no quiero hablar con maquinas"]
)
def test_whoever_will_not_talk_to_a_machine_wants_a_person(text: str) -> None:
    assert language.person(text) is not None


@pytest.mark.parametrize("text", ["mein Roboter fährt nicht", "el robot no funciona", "il robot non parte"])
def test_a_machine_that_does_not_work_is_a_thing(text: str) -> None:
    assert language.person(text) is None


@pytest.mark.parametrize(
    "text", ["een " * 500, "mit einem " * 200, "le la de un " * 160, "quiero ya ya " * 160]
)
def test_words_over_and_over_are_read_in_a_moment(text: str) -> None:
    language.person.cache_clear()
    began = time.thread_time()
    language.person(text)
    assert time.thread_time() - began < 2


@pytest.mark.parametrize("text", [*DOES_NOT_ASK, *PEOPLE_IN_IT])
def test_what_only_looks_like_it_asks_for_nobody(text: str) -> None:
    assert language.person(text) is None


def test_twelve_languages_are_whole() -> None:
    known = language.languages()
    assert len(known) == 12
    assert set(known) == set(ASKS)
    for one in known.values():
        assert all(one.texts.values())
        assert one.yes
        assert one.no


@pytest.mark.parametrize("code", ASKS)
def test_what_the_agent_says_is_in_that_language_and_asks_for_nobody(code: str) -> None:
    for text in language.languages()[code].texts.values():
        assert language.of_conversation("ok", text) == code
    assert language.spoken(language.languages()[code].texts["unsure"]) == code


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sí, por favor", True), ("Sí", True), ("ja bitte", True), ("oui", True), ("はい、お願いします", True),
        ("好的", True), ("نعم", True), ("да", True), ("tak, poproszę", True), ("evet", True), ("sim", True),
        ("ja graag", True), ("nein danke", False), ("non merci", False), ("no, gracias", False), ("いいえ", False),
        ("不用了,谢谢", False), ("لا شكرا", False), ("нет", False), ("hayır", False), ("nie, dziękuję", False),
        ("maybe", None), ("", None), ("ja, aber wo ist meine Bestellung?", None),
    ],
)  # fmt: skip
def test_a_plain_yes_or_no_is_understood(text: str, said: bool | None) -> None:
    assert language.yes_or_no(text) is said


def test_a_language_nobody_wrote_texts_for_gets_none() -> None:
    assert language.says("fi", "unsure") is None
    assert language.says(None, "unsure") is None
