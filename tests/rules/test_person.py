"""Who asks for a person, and who only seems to."""

from __future__ import annotations

import time

import pytest

from overture.agent.person import PersonModel, by_rule, listen
from overture.encoder import Encoder

ASKS = """
agent
Human please!
let me talk to someone
put me through
can I speak to a manager
call me
Call me back tomorrow
I want a real person not a bot
I don't want to talk to a bot
I want my refund, put me through to someone
I've been waiting two weeks and nobody answers. This is ridiculous. I want to speak to your supervisor now
My parcel is late, the code you sent does not work and the app crashes. Can a human please look at this?
is there anyone I can talk to?
I already talked to an agent yesterday, now get me a manager
no I don't want to wait, connect me with a human
can someone call me back?
operator
Please transfer me to a colleague who can help
I'd like somebody from your team to look at this
can you get me a person
give me your manager
speak to representative
I need to talk with customer service
could I have a person please
i'd prefer to talk to a real human being
can I chat with one of your agents
who can I speak to about this?
hand me over to a person please
this isn't helping, is there a real person there?
Could somebody ring me
Thanks but I would rather deal with a person
please escalate this
i need to talk to an agnet
i want to speak to a hunan
do I have to keep talking to a computer
I'm not talking to a damn machine
I'd rather not deal with AI
a bot can't solve this
my problem is too complicated for a chatbot
stop the bot
can I skip the bot
how do I get past this bot
hello?? anybody home
does anyone actually work there
are there any people left over there
can I talk on the phone instead
can't I just ring you people
I'll only say this to a person
hello??? someone please answer me
Is anyone going to reply to me? Somebody please respond
I'm asking for a human decision on this
can this be handled by a living being
let someone from your team confirm that to me in person
put me in touch with whoever plans these visits
I'd feel safer with a human
can this be escalated
please do not transfer me again Please put me through to one of your agents
get me a hunan
let me tlak to sumone
plz transfer 2 agent
conect me wth sombody
""".strip().splitlines()

DOES_NOT = """
are you human?
are you a human or a bot?
am I talking to a machine?
my agent said it was fine
I'm a real person
I'm a human, not a robot
I work as an estate agent
I don't want to talk to a person
No need to call me
please don't transfer me
personal account
your representative told me it would arrive on Monday
I spoke to someone yesterday and they said wait
the agent promised me a refund
the person who delivered it was rude
is this a real person?
who am I talking to?
what would you like me to call you
call me Bob
add a team member
upgrade my personal plan
how many people can join?
a table for four people
can I bring another person?
someone stole my parcel
can I give it to someone else?
send it to another person
I want to transfer 200 euros to my sister
connect my bank account
I need to change the contact person on my account
put it through the letterbox
talk to you later
is customer service open on Sundays?
I want to invite a colleague
schedule a call with my manager
where is my parcel?
I'd rather wait
refund please
yes
asdfgh
10234
talk to someone in accounts? no, just tell me
no humans needed, where's the form
no calls please, mail me
I would rather do this with you than with a person
I don't feel like talking to anyone today, can I do it online
I'm not talking to a machine, am I?
are you an agent or a program
the bot on my website is not loading
how do I turn off the chatbot on my site
the robot vacuum does not start
stop the machine
stop the newsletter
how do I get past the login
I need a manager account
my agent dashboard is slow
can anyone join
does someone need to be at home
where can I meet the tour guide
is the app too difficult for a child
should this be handled by the landlord
the software does not start
surely you can refund that
let me talk to my husband
no need to pass me to anyone, just tell me the price
someone call an ambulance for the parcel
who do I make the cheque out to
I need to write to the tax office, what do you send me
""".strip().splitlines()


@pytest.fixture(scope="module")
def asks():
    encoder, model = Encoder.load(), PersonModel.load()
    return lambda text: listen(text, encoder.encode([text]), model).probability >= model.cut


@pytest.mark.parametrize("text", ASKS)
def test_they_ask_for_a_person(asks, text):
    assert asks(text)


@pytest.mark.parametrize("text", DOES_NOT)
def test_they_do_not(asks, text):
    assert not asks(text)


@pytest.mark.parametrize(
    ("text", "said", "rule"),
    [
        ("Can I talk to someone?", True, "asks to talk to somebody"),
        ("PUT ME THROUGH", True, "asks to be put through"),
        ("call me", True, "asks to be called"),
        ("human", True, "names only a person"),
        ("are you a robot or a person?", False, "about a bot"),
        ("I don’t want to talk to anybody", False, "refusal"),
        ("your agent said so", False, "said before"),
        ("where is my parcel", None, None),
        ("", None, None),
    ],
)
def test_the_rule_is_named(text, said, rule):
    assert (said, rule) == by_rule(text)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000,
        "talk to " * 500,
        "not " * 1_000,
        "i i i my the " * 400,
        "human " * 900,
        "stop the bot " * 150,
        "can i please skip the " * 90,
        "have someone from the " * 90,
        "not talk about this to a " * 80,
    ],
)
def test_no_message_takes_long(text):
    begun = time.process_time()
    by_rule(text[:2_000])
    assert time.process_time() - begun < 0.25


@pytest.mark.parametrize(
    "text", ["311170", "258952", "305825", "050529", "#415179", "12/03/2026", "AB-12 / 3"]
)
def test_a_number_or_a_code_asks_for_nobody(asks, text):
    assert not asks(text)
