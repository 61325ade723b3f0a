"""Hears a request for a person. Missing one is the worst mistake the agent can make; a false one is the next."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overture.agent.model import Person
from overture.agent.wordless import is_wordless

WEIGHTS = Path(__file__).parent / "weights" / "person.json"

SURE = 0.98
NO = 0.02

_ROLE = (
    r"(?:human|humans|human being|person|people|agents?|operators?|representatives?|reps?|advis[oe]rs?|"
    r"managers?|boss|executives?|supervisors?|specialists?|experts?|consultants?|colleagues?|employees?|"
    r"staff(?: member)?|team member|"
    r"members? of (?:the |your )?(?:\w+ )?(?:staff|team)|colleagues? of yours|"
    r"teammates?|assistants?|associates?|clerks?|receptionists?|"
    r"technicians?|engineers?|mechanics?|handlers?|bookkeepers?|officers?|"
    r"support(?: team| staff| desk| person| agent)?|customer (?:service|care|support|services)|"
    r"(?:the |your )?(?:support |service |sales |billing )?team|help ?desk|call cent(?:er|re)|front desk|"
    r"real one|(?:\w+ )?(?:department|dept|sales|billing|complaints)(?: team| people)?|"
    r"(?:the |your )(?:\w+ )?(?:people|manager)|management|"
    r"tech(?:nical)? support)"
)
_SOMEONE = (
    r"(?:some ?one|some ?body|any ?one|any ?body|"
    r"(?:one|some|any)(?: one)? of (?:you|(?:your|the) (?:\w+ )?(?:people|staff|team|agents|colleagues|"
    r"humans|guys|employees|experts|engineers|advis[oe]rs|technicians|specialists|consultants))|"
    r"whoever (?:\w+s|can|did|made)\b|anyone who|"
    r"you guys|a guy|a lady)"
)
_KIND = (
    r"(?:real|live|actual|human|genuine|proper|competent|different|another|other|senior|qualified|available|"
    r"breathing|living|customer|service|support|sales|billing|care|phone|fucking|freaking|damn|goddamn|"
    r"bloody|friendly|nice|your|the|an?|any|some|us|one)"
)
_WHO = rf"(?:(?:{_KIND}[ -])*{_ROLE}|{_SOMEONE})"
_TALK = r"(?:speak|speaking|talk|talking|chat|chatting|spoke|write|writing|deal|dealing|discuss)"
# What people call the thing that answers when they do not want it.
_MACHINE = (
    r"(?:(?:ro|chat)? ?bots?|robots?|machines?|computers?|software|programs?|algorithms?|ai|"
    r"automat\w+|answering machine|voice menu)"
)
_THIS_MACHINE = (
    rf"(?:(?:an?|the|this|that|your|these|some|any|such) )?(?:\w+ )?{_MACHINE}\b(?! (?:on|for|in|of) my\b)"
)
# Whom somebody has to ask before they decide.
_THEIR_OWN = (
    r"(?:my|our) (?:husband|wife|partner|spouse|fiance?e?|family|parents?|mother|father|mum|mom|dad|brother|sister|son|"
    r"daughter|kids|children|friends?|girlfriend|boyfriend|flatmates?|room ?mates?|landlord|doctor|lawyer|solicitor|"
    r"accountant|boss|manager|team|colleagues?|employer|school|bank|insurance)\b"
)
_NOT = r"(?:do|does|did|wo|would|ca|could|should|is|are|was)n'?t"
_REACH = r"(?:contact|contacting|reach|reaching|call|calling|phone|phoning|ring|get hold of|get through to)"

# What looks like a request for a person and is none. Cut out of the message before the rules are tried, so that
# "I already talked to an agent, now get me a manager" still asks.
_LOOK_ALIKES = {
    "refusal": re.compile(
        rf"\b(?:(?:do(?: not|n'?t)|would(?: not|n'?t)|did(?: not|n'?t)|never|not|no|without|rather not|stop)"
        rf"(?: (?:want|need|wish|like|feel|have|going|asking|asked|really|even|you|to|for|trying|here|having))*"
        rf" (?:{_TALK}(?:ing)? (?:to|with)|{_REACH}|be(?:ing)? (?:called|contacted|phoned|transferred|"
        rf"connected)|transfer(?:ring)?|connect(?:ing)?|(?:call|phone|contact)(?:ing)?)(?: me| us)?(?: to|"
        rf" with)?(?: {_WHO})?"
        rf"|(?:with|by|from|to) you (?:\w+ ){{0,2}}than (?:with |by |from |to )?(?:{_WHO})|no (?:phone |more )?calls"
        rf"|no (?:{_KIND} )*{_ROLE} (?:needed|necessary|required)"
        rf"|no need (?:to|for)(?: (?:connect|transfer|call|contact|speak|talk|put|pass|hand|forward|refer|send|escalate)"
        rf"(?:ing)?)?(?: (?:me|us|this|it))?(?: (?:on|over|up))?(?: (?:to|with|through to))?(?: {_WHO})?"
        rf"|(?:do(?: not|n'?t)|please do(?: not|n'?t)) (?:transfer|connect|call|phone|contact|hand|put|"
        rf"pass) (?:me|us)(?: (?!(?:please|put|get|give|let|but|and|just|instead)\b)\w+){{0,4}}"
        r"|(?:hate|avoid|dislike|can'?t stand|without|instead of) (?:by |a |making |having )?(?:phone|calls?|"
        r"phone calls|"
        r"calling|phoning|ringing)(?: \w+)?"
        rf"|(?:don'?t|do not) (?:want|need) (?:(?:help|support|assistance|anything) (?:from|by|of) )?"
        rf"(?:(?:an?|any|the) )?(?:{_KIND} )*{_ROLE}"
        # "Talk to someone in accounts? No, just tell me": what the agent offered, and no.
        rf"|(?:(?<=, )|^){_TALK} (?:to|with) (?:{_WHO})(?: (?:in|from|at) \w+)? , (?:no|nah|nope) ,)(?:\b|(?<=,))"
        r"(?! (?:(?:an?|the|this|your|some) )?(?:\w+ )?(?:ro|chat)? ?(?:bots?|machine|ai|computer)\b)"
    ),
    "about a bot": re.compile(
        rf"\b(?:(?:are|r) (?:you|u|ya) (?:\w+ ){{0,3}}(?:{_ROLE}|(?:ro)?bot|chat ?bot|machine|ai)|"
        rf"am i (?:\w+ )?(?:{_TALK}|chatting|messaging)"
        rf"(?: to| with)?(?: \w+){{0,4}}|is (?:this|there|it|that) (?:\w+ ){{0,3}}{_ROLE} "
        rf"(?:behind|reading|here behind|typing|writing|answering)(?: \w+){{0,4}}"
        rf"|is (?:this|that|it) (?:\w+ ){{0,2}}(?:{_ROLE}|bot)(?= or\b|\?|$)"
        rf"|(?:you|u) (?:are|sound|seem|act|look|talk|type)(?:'re)? (?:\w+ ){{0,3}}{_ROLE}"
        r"|(?:answer|write|talk|sound|type|reply|act|speak)s? (?:\w+ )?like (?:an? )?(?:\w+ )?(?:human|person|"
        r"robot|bot|machine)(?: being)?"
        rf"|you'?re (?:\w+ ){{0,3}}{_ROLE}|who (?:am i|are you)(?: \w+){{0,4}})"
    ),
    "about themselves": re.compile(
        rf"\b(?:i'?m|i am|i was|i work as|i worked as|as|we are|my \w+ is|he is|she is|he'?s|she'?s|being) "
        rf"(?:an?|the|only|just)(?: \w+){{0,3}} {_ROLE}\b"
    ),
    "said before": re.compile(
        rf"\b(?:i|we|i'?ve|we'?ve|already|just|yesterday|previously)(?: have| had|'?ve)?(?: \w+ly| already|"
        rf" just)? "
        rf"(?:spoke|spoken|talked|chatted|called|contacted|phoned|emailed|wrote|written|reached out|met)"
        rf"(?: already| yesterday)?(?: (?:to|with))?(?: {_WHO})?"
        rf"|(?:person|guy|lady|woman|man|one|someone|agent|rep|representative|advis[oe]r|manager) "
        rf"(?:that |who |whom )?(?:i|we) (?:spoke|talked|chatted|dealt|met)(?: (?:to|with))?"
        rf"|(?:my|your|the|an?|this|that|one of your|some|our|his|her|their) (?:\w+ ){{0,2}}{_ROLE} "
        rf"(?:\w+ly |already |has |had |have |also |just |never |who )?"
        rf"(?:said|told|promised|was|were|is|are|wrote|emailed|called|mentioned|confirmed|explained|advised|"
        rf"offered|"
        rf"gave|sent|asked|helped|hung|didn'?t|did|did not|never|charged|refused|assured|suggested|agreed|"
        rf"rude|has|have(?! (?:a|another) (?:go|look|word))|had|replied|contacted|approved|rejected|denied|reviewed)"
        rf"|(?:some ?one|some ?body)(?: \w+){{0,2}} from (?:\w+ ){{1,3}}(?:said|told|promised|wrote|emailed|"
        rf"called)"
        rf"|(?:someone|somebody|anyone|anybody) (?:else )?(?:said|told|stole|used|has(?! to\b)|had|is|was|hacked|"
        rf"took|broke|got)"
        rf"|spoken? (?:to|with) me|told me"
        rf"|(?:on behalf of|according to) (?:my|your|the|an?) (?:\w+ )?{_ROLE}"
    ),
    "another word": re.compile(
        r"\b(?:(?:talk|speak|write) to you (?:later|soon|tomorrow)|nice (?:talking|speaking|chatting) (?:to|"
        r"with) \w+|"
        r"real estate agents?|travel agents?|insurance agents?|cleaning agents?|user agent|personal account|"
        r"(?:do|does|did|would|will) (?:i|we|you|they|it|this|that) (?:\w+ )?(?:need|take|require) (?:an?|the|"
        r"another) "
        r"(?:person|agent|human|adult|representative)|"
        r"can(?:'?t|not| not) (?:call|phone|ring) (?:anybody|anyone|someone|somebody)(?! (?:at|from|in|there|"
        r"here)\b)|"
        r"send (?:me |us )?(?:someone|somebody|anyone|an? \w+) to (?!talk|speak|chat|call|help|explain|contact)\w+|"
        r"(?:you|they|people|to) call (?:someone|somebody|anyone) (?:who|that|from|born|with)|"
        r"in person|per person|persons? (?:of|in|under)\b|for (?:one|two|three|four|five|six|\d+) (?:people|"
        r"persons?)|"
        r"\d+ (?:people|persons?|humans?|adults?|agents?)|human (?:resources|rights|error|body|nature)|"
        r"(?:account|project|product|password|file|task|download|package|property|hotel|bank|line|"
        r"line-?) manager|(?:manager|agent|supervisor|operator|assistant) (?:account|login|role|seat|licen[cs]e|"
        r"password|"
        r"view|dashboard|app|portal)s?|"
        r"(?:personal|shop|virtual|voice|google|digital|smart|teaching) assistant|support (?:for|plan|"
        r"ticket|case|"
        r"number|hours|article|page|tier|level|package)|team (?:plan|members?|account|size|name|page|"
        r"settings|chat|"
        r"workspace)|(?:my|our|his|her|their) (?:\w+ )?(?:team|staff|manager|supervisor|boss|colleagues?|"
        r"employees?|"
        r"assistant|people)|invite|add (?:an?|another|new|more)(?: \w+){0,2}|call me (?!back|please|now|"
        r"asap|today|tomorrow|again|later|instead|soon)\w+ ?$|contact (?:person|name|details)|"
        r"(?:call|calls|calling) me (?:a |an |by |mr|mrs|ms|if|when it)(?:\w+)?|(?:like|want|have|should|"
        r"may|can|shall) (?:me|i|you|u|us) (?:to )?call (?:me|you)\b|"
        r"(?:other|many|most|few|several|more|how many|young|old|all) people)"
    ),
}

_ASKS = {
    "asks to talk to somebody": re.compile(
        rf"\b{_TALK} (?:\w+ly )?(?:to|with|2|w)(?: \w+)? ?(?:{_WHO})\b"
        rf"|\b(?:let|have|get|allow) me (?:\w+ly )?(?:speak|talk|chat)(?= (?:to|with) (?!{_THEIR_OWN})| *(?:$|,|please|now))"
        rf"|\b{_TALK} (?:to|with) (?:him|her|them|an? (?:\w+ )?(?:man|woman|lady|guy))\b"
        rf"|\b(?:have|having|exchange|share) (?:an? )?(?:\w+ )?(?:conversation|words?|chat|talk|"
        rf"call) with (?:\w+ ){{0,2}}?(?:{_WHO})\b"
        rf"|\b(?:want|need|like|prefer|rather|sooner|better|let me|wish|expect|demand)(?: \w+){{0,3}} (?:hear|"
        rf"explain|"
        rf"check|sort|settle|clear|go|talk|do|handle|arrange|solve|discuss)(?: (?:it|this|that|things?|these))?"
        rf"(?: \w+){{0,2}} (?:from|to|with) (?:{_WHO})\b(?! who came)"
        rf"|\b(?:want|need|like|prefer|rather|sooner|better|wish|expect) to (?:{_TALK}|hear) (?:to|with|from) "
        r"(?:your|the) \w+ (?:people|team|staff|department)\b"
    ),
    "asks to reach somebody": re.compile(
        rf"\b{_REACH} (?:(?:an?|the|your|some|any) )?(?:{_WHO})\b(?! (?:about me|said))"
        rf"|\bget (?:in )?(?:touch|contact) with (?:{_WHO}|you)\b"
    ),
    "asks to be put through": re.compile(
        r"\b(?:put|patch|get|connect|pass|hand|transfer|forward|route|refer|switch|escalate|send|direct|"
        r"redirect)"
        rf"(?:ing)? (?:me|us|this|my (?:case|issue|problem|request|ticket|call|chat))"
        rf"(?: (?:\w+ ){{0,2}}(?:to|with|on to|onto|over to|through to|up to))? (?:{_WHO}|higher|further)\b"
        rf"|\b(?:can|could|may|let me|can'?t|like to|want to|rather|prefer to)(?: \w+){{0,2}} (?:(?:ring|phone|"
        rf"telephone) you|"
        rf"call you (?:people|guys|lot))\b(?! (?:back|when|if|by|later|tomorrow))"
        rf"|\b(?:only|rather|prefer to|want to|like to) (?:say|tell|explain|show|describe) (?:this|it|that|"
        rf"everything)"
        rf"(?: only)? to (?:{_WHO})\b"
        r"|\b(?:ask(?:ing)?|want|need|demand|request|looking|like|prefer|"
        r"expect)(?: for)? (?:an? )?human (?:decision|review|answer|"
        r"reply|response|contact|voice|eyes?|ears?|mind|judg\w+|opinion)\b"
        r"|\b(?:be|get|have (?:this|it|that|my \w+)) escalated\b"
        r"|\b(?:hand|pass) (?:me|us) (?:over|on)\b(?! (?:the|an?)\b)"
        r"|\b(?:put|patch|get) (?:me|us) (?:straight |right )?through\b|\b(?:connect|"
        r"transfer) me(?= *(?:$|,|please|now|immediately|directly|asap|over|through))"
        rf"|\b(?:give|get|find|send me|bring me|want|wants|can i have|could i have|may i have|need|needs|"
        rf"like|prefer|require|demand|where is|where'?s) "
        rf"(?:me |us |in )?(?:to have |to get )?(?:an?|the|some|any|your|my)? ?(?:{_KIND} )*"
        rf"(?:human(?: being)?|real person|live person|actual person|real human|person|agent|operator|"
        rf"representative|"
        rf"live agent|human agent|real agent|rep|supervisor|human (?:help|support|assistance|contact))\b"
        rf"(?! (?:resources|readable|rights|account|name|number|id|fee|fees|login|portal))"
        rf"|\b(?:get|bring|fetch|find|give) (?:me |us )?(?:your |the |an? )(?:manager|boss|supervisor)\b"
        rf"|\b(?:get|fetch|bring) (?:{_SOMEONE})(?: (?:else|who|that|here|in|on|to|now|please)\b|(?= *(?:,|$)))"
        rf"|\bput (?:an? |the |your |one )?(?:{_KIND} )*(?:{_ROLE}|{_SOMEONE})(?: else)?(?: back)? on\b"
        rf"|\b(?:put|be|get) (?:me |us )?in (?:touch|contact) with (?:{_WHO}|the \w+)\b"
        rf"|\b(?:be|been|get) (?:\w+ )?(?:transferred|connected|put through|passed on|handed over|forwarded|referred|"
        rf"escalated)(?: (?:on|over|up))? (?:to|with) (?:{_WHO}|the (?:\w+ )?(?:department|office|team|people))\b"
        rf"|\b(?:route|escalate|refer|pass|send|hand|forward|direct|transfer) (?:this|it|that|the|my)"
        rf"(?: (?:matter|case|issue|problem|chat|on|over|up|complaint))* to (?!another|some ?(?:one|body)\b|"
        rf"any)(?:{_WHO})\b"
        r"|\bescalate\b"
    ),
    "asks to be helped by somebody": re.compile(
        rf"\b(?:can|could|will|would|may|please (?:have|let|ask|get)|have|get|need|want|like|is there|"
        rf"isn'?t there|ask|let|tell)(?: (?:i|you|u|me|please|for|to|have|there|not|just)){{0,3}} "
        rf"(?:{_SOMEONE}|(?:an?|the|your|any|some) (?:{_KIND} )*(?:{_ROLE}))"
        rf"(?: (?:from|in|at|on) (?:\w+ ?){{1,3}}| here| there| else| who can| that can| to| please| can|"
        rf" could| i can| of yours)* "
        # "Can anyone help me pay a bill" asks for the bill to be paid; "can anyone help me", for anyone.
        rf"(?:(?:help|assist)(?: me| us)?(?: with this| here| please)*(?= *(?:,|$))|look (?:at|"
        rf"in ?to) (?:this|it|"
        rf"my (?:case|account|ticket|problem|issue|complaint|request))|call|contact|phone|ring|email|speak|"
        rf"talk|"
        rf"chat|reply|answer|respond|take over|take care|deal|handle|explain|sort|reach|get back|available|"
        rf"join (?:me|us|this|in|the (?:chat|conversation|call))|have a (?:go|look|word)|pick (?:this|it) up|"
        rf"take (?:this|it|a look|care|over)|get in (?:touch|contact)|"
        rf"write (?:to )?me|decide|review|read (?:this|it)|see to|step in|come to the (?:tele)?phone|"
        rf"on the (?:phone|line)|real|human|actually|competent)"
    ),
    "calls for somebody": re.compile(
        rf"(?:^|, )(?:please |pls |hello |hi |hey |will |would |can |could )*(?:{_SOMEONE}) (?:please |pls |plz )*"
        rf"(?:(?:just |finally |actually )?(?:answer|reply|respond)(?: (?:to )?(?:me|us|this|my \w+))?(?: (?:please|now))*"
        rf"(?= *(?:,|$))|(?:call|phone|ring|contact|talk to|speak to) (?:me|us)\b)"
    ),
    "asks that somebody see to it": re.compile(
        # To have a thing done by people of the company, whoever they are: "have one of your staff check it".
        rf"\b(?:have|let|ask|get|make) (?:please )?(?:{_SOMEONE}|(?:an?|the|your) (?:{_KIND} )*{_ROLE})"
        r"(?: (?:from|in|at|of|on) (?:\w+ ){1,3}?| else | here | there | )?"
        r"(?:confirm|check|verify|come back to|go (?:over|through)|tell me|approve|correct|resolve|message me|"
        r"write me)\b"
        rf"|\b(?:can|could|should|may|must|to|want|like)(?: (?:this|that|it|my \w+))?(?: (?:to|please))? be "
        rf"(?:handled|answered|read|seen|dealt with|looked (?:at|into)|decided|checked|reviewed|served|helped|sorted|"
        rf"sorted out|seen to|taken care of) by (?:an? |the |one of your )?(?:real |actual |living |live |proper )*"
        rf"(?:humans?|human beings?|persons?|people|being|{_SOMEONE})\b"
    ),
    "asks to be called": re.compile(
        r"\b(?:(?:please |pls |just |can you |could you |will you |would you |can u |you can |"
        r"someone )call me"
        r"(?! (?:an?|by|mr|mrs|ms|if|when it)\b)(?= (?:back|please|now|asap|today|tomorrow|tonight|on|at|in|"
        r"later|this|"
        r"next|when|after|before|about|instead|and|again|immediately|monday|tuesday|wednesday|thursday|"
        r"friday)|[^\w ]|\s*$)"
        r"|call me (?:back|now|asap|please|on|at|today|tomorrow|tonight|later|instead|immediately|again|"
        r"when you)"
        r"|(?:give|gimme) (?:me )?an? (?:call|ring|callback)|(?:phone|ring) me|call ?back (?:please|request)"
        r"|(?:want|need|like|request|have|get|schedule|arrange|book) an? (?:\w+ )?(?:call[ -]?back|"
        r"phone call)|(?:appreciate|demand|expect|await) an? (?:call[ -]?back|call|phone call))\b"
        r"|^(?:please )?call me(?: please| back| now)?$"
    ),
    "wants no bot": re.compile(
        r"\b(?:no more|don'?t|do not|hate|sick of|tired of|enough of|instead of|rather than|fed up with|"
        r"done with)"
        r"(?: \w+){0,5} (?:an? |the |this |these |stupid |dumb |your )*(?:ro)?(?:bots?|chat ?bots?|"
        r"machines?|ai|"
        r"automated (?:\w+)|robots?)\b(?= *(?:$|[^\w ]|please|any ?more|again|at all|anymore|now))"
    ),
    "wants out of the bot": re.compile(
        # Whoever will not talk to a machine, or wants past it, wants a person: nobody else is left.
        rf"\b(?:not|{_NOT}|never|refuse to|hate to|hate|rather not|dislike|forced to|(?:have|has|had|got|need) to)"
        rf"(?: (?:going to|gonna|want to|like to|like|really|keep|be|here to|having to|to))*"
        rf" (?:{_TALK}|argue|arguing|argu\w+|converse|communicate|explain (?:this|it|that|myself))"
        rf"(?: (?!to\b|with\b)\w+){{0,3}} (?:to|with) {_THIS_MACHINE}(?! ?,? am i\b)"
        rf"|\b(?:not|{_NOT}|never|refuse to|hate|rather not|dislike)(?: \w+){{0,3}} (?:served|helped|handled|"
        rf"answered|"
        rf"fobbed off|dealt with|treated|put off) by {_THIS_MACHINE}"
        rf"|\b(?:get|let|take|bring) (?:me|us) (?:off|out of|away from|past|around) {_THIS_MACHINE}"
        rf"|\b(?:can|could|may|how do|how can) (?:i|we) (?:please )?(?:skip|bypass|avoid|leave|get (?:past|"
        rf"around|out of|rid of))"
        rf" {_THIS_MACHINE}(?= *(?:,|$))"
        rf"|(?:^|, )(?:please |pls |just |now )*(?:stop|skip|shut up|end|enough (?:of|with)|no more|spare me|"
        rf"away with)"
        rf"(?: (?:the|this|that|your|these|any))?(?: \w+)? (?:(?:chat ?)?bots?|automat\w+)(?: (?:replies|"
        rf"answers|messages|responses|please|now|already|nonsense))*(?= *(?:,|$))"
        r"|(?:^|, )(?:please |pls |just )*press (?:0|zero)(?= *(?:,|$))"
        rf"|(?:^|, )(?:an? |the |this |your )?{_MACHINE} (?:can(?:'?t|not)|could ?n'?t|won'?t|will never|"
        rf"is not able to|is no help)"
        rf"(?: \w+){{0,2}}? (?:solve|help|fix|handle|understand|sort|decide|do|explain|know)\b"
        rf"|\btoo (?:complicated|complex|difficult|hard|important|serious|delicate|personal|urgent|sensitive|much)"
        rf"(?: \w+){{0,2}} for {_THIS_MACHINE}"
    ),
    "names only a person": re.compile(
        rf"(?:^|, )(?:(?:no|ok|okay|please|pls|hi|hello|hey|yes|just|i said|now|again|um|well|so|sorry|"
        rf"thanks|"
        rf"but|with) )*(?:(?:an?|the|any|some|your) )?(?:{_KIND} )*"
        rf"(?:human(?: being)?|person|agent|operator|representative|rep|manager|supervisor|real person|"
        rf"live agent|live chat|customer (?:service|support|care)|advis[oe]r|someone (?:real|human|else)|"
        rf"somebody (?:real|human|else)|help ?desk|support agent|call cent(?:er|re))s?"
        rf"(?: (?:please|pls|plz|now|asap|thanks|thank you|required|needed|only|instead|help|support|"
        rf"assistance|agent))*(?=$| ,)"
        rf"|\b(?:human|agent|operator|representative|real person|live person|live agent|human being|manager)"
        rf" (?:please|pls|plz|now|asap)\b"
        rf"|(?:^| )(?:please )?(?:contact(?:ing)?|talk(?:ing)? (?:to|with)|speak(?:ing)? (?:to|"
        rf"with)) (?:an? )?(?:human|agent|person|operator|somebody|someone)s?$"
    ),
    "asks whether there is somebody": re.compile(
        rf"\b(?:is|are) (?:there )?(?:{_WHO}) (?:there|here|around|available|online|i can|to (?:talk|speak|"
        rf"help)|who can|that can|at (?:the|your))\b"
        rf"|\b(?:any ?one|some ?one|any ?body) (?:there|here|around|available|real|alive|home|awake|listening|"
        rf"reading (?:this|these|it|that|my)|i can|who can|"
        rf"to (?:talk|speak|help))"
        rf"|\b(?:who|whom|whoever) (?:else )?(?:can|could|do|should|may|must|to|would) (?:i|we) (?:(?:have|need|"
        rf"got) to )?"
        rf"(?:{_TALK}|turn to|complain to)\b(?! (?:about )?(?:if|when|in case)\b)"
        # "Who can I call about lost luggage" is a question that help content may answer.
        rf"|\b(?:who|whom) (?:else )?(?:can|could|do|should|may|must|to) (?:i|we) (?:(?:have|need|"
        rf"got) to )?(?:{_REACH}|ask)"
        rf"(?: (?:about (?:this|it|that)|instead|now|here|please|then))*(?= *(?:,|$))"
        rf"|\bwho else (?:is there|can (?:help|i))\b"
        rf"|\b(?:is|are|is there|isn'?t there|are there) (?:really )?(?:no ?body|no one|no (?:real )?(?:humans?|"
        rf"people|"
        rf"person|staff)) (?:there|here|around|at (?:your|the)|working|who|that|to (?:talk|speak|help)|i can)\b"
        rf"|\b(?:don'?t|do) you (?:not )?(?:even )?have (?:any )?(?:real |actual |human )?(?:people|humans|"
        rf"staff|employees|"
        rf"agents|anyone|anybody)(?: (?:there|here|working|who|i can|to)\b|(?= *(?:,|$)))"
        rf"|\b(?:how|way) (?:do i|can i|to) (?:get|go|come) (?:past|around|out of|beyond) (?:this|the|your) (?:\w+ )?"
        rf"(?:bot|robot|machine|chat ?bot|automat\w+)\b"
        rf"|\bwho(?:m|) to {_TALK}\b"
        r"|\b(?:do|does|did) (?:any ?(?:one|body)|people|humans?|some ?(?:one|body)) (?:\w+ )?work (?:there|"
        r"here|at your|for you)\b"
        r"|\bare there (?:any |no |still any )(?:people|humans|staff|employees) (?:left|(?:\w+ )?there|here|"
        r"around|working)\b"
        r"|\b(?:is|isn'?t) there any ?(?:one|body) else(?= *(?:,|$))"
        rf"|\bwhere (?:do|can|could|may) (?:i|we) (?:find|get|reach|see|meet) (?:{_WHO})(?= *(?:,|$))"
        rf"|\bfeel (?:\w+ )?(?:better|safer|easier|happier|more \w+) (?:with|if|talking to|speaking to|"
        rf"speaking with) "
        rf"(?:{_WHO})\b"
        r"|\b(?:talk|speak|chat|discuss (?:this|it|that))(?: (?:about (?:this|it|that)|to you|with you|this|it))? "
        r"(?:on|over|by) (?:the )?(?:phone|telephone)\b"
        rf"|\bsurely (?:there |you |one |some |any )*(?:\w+ )?(?:people|humans?|staff|employees|some ?(?:one|body)|"
        rf"any ?(?:one|body)|of you)(?: (?:there|here|who can|can|could|working))?(?= *(?:,|$)| can\b| could\b)"
    ),
}

_MEANT = ("human", "person", "agent", "operator", "representative", "manager", "assistant", "someone", "somebody",
          "supervisor", "advisor", "adviser", "connect", "transfer", "customer", "service", "support",
          "contact")  # fmt: skip
_REAL_WORDS = frozenset(
    [
        "humans",
        "humane",
        "humor",
        "persona",
        "personal",
        "persons",
        "agents",
        "agent's",
        "agency",
        "agenda",
        "aren't",
        "argent",
        "urgent",
        "recent",
        "intent",
        "operators",
        "operates",
        "operate",
        "representatives",
        "managers",
        "managed",
        "manages",
        "assistants",
        "assistance",
        "supervisors",
        "advisors",
        "again",
        "against",
        "agenda's",
        "absent",
        "accent",
        "agreed",
        "parent",
        "parents",
        "reason",
        "season",
        "prison",
        "persian",
        "hymn",
        "spent",
        "event",
        "contract",
        "contacts",
        "connects",
        "contrast",
        "transfers",
        "customers",
        "customer's",
        "services",
        "serviced",
        "supports",
    ]
)
_TALKS = re.compile(rf"\b(?:{_TALK}|contact|contacting|reach|chattin\w?|ocntact|human|live|real)\b")


# A clause without any of these words is not read by itself: most messages have none, and are not slowed down.
_HINT = re.compile(
    r"\b(?:human|person|people|some ?one|some ?body|any ?one|any ?body|nobody|one of|agents?|operator|"
    r"represent\w+|rep|"
    r"staff|team|colleagues?|managers?|management|supervisor|employees?|advis[oe]rs?|specialist|consultant|boss|"
    r"clerk|"
    r"technician|engineer|department|office|voice|talk\w*|speak\w*|speech|conversation|discuss|call\w*|ring|phone|"
    r"telephone|contact\w*|connect\w*|transfer\w*|put|reach|escalat\w+|bots?|chat ?bots?|robots?|machine|computer)\b"
)
_CLAUSE_END = re.compile(r"[.!?;:\n]+\s*|,\s+| (?:and|but|so|because|or|before|until|unless) ")
CLAUSES, CLAUSE = 2, 24


def clauses(text: str) -> list[str]:
    """The parts of a long message that may ask for a person, where no rule hears it in the whole."""
    found = [part.strip() for part in _CLAUSE_END.split(text) if len(part.split()) > 1]
    if len(found) < 2 or by_rule(text)[0] is not None:
        return []
    hinting = [part for part in found if _HINT.search(part.lower())]
    return [" ".join(part.split()[:CLAUSE]) for part in hinting[-CLAUSES:]]


@dataclass(frozen=True)
class PersonModel:
    """A logistic classifier over the sentence vector, for requests no rule foresaw."""

    weights: NDArray[np.float32]
    bias: float
    cut: float

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> PersonModel:
        return cls.from_dict(json.loads(WEIGHTS.read_text("utf-8")))

    @classmethod
    def from_dict(cls, read: Mapping[str, Any]) -> PersonModel:
        return cls(np.array(read["weights"], dtype=np.float32), float(read["bias"]), float(read["cut"]))

    def to_dict(self) -> dict[str, Any]:
        return {"weights": [float(w) for w in self.weights], "bias": self.bias, "cut": self.cut}

    @cached_property
    def hash(self) -> str:
        """The same for the same numbers, wherever they are kept."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    def probability(self, vectors: NDArray[np.float32]) -> float:
        """The highest over the vectors of the message and its sentences."""
        if not len(vectors):
            return 0.0
        return 1 / (1 + math.exp(-float(np.max(vectors @ self.weights) + self.bias)))


def by_rule(text: str) -> tuple[bool | None, str | None]:
    """Yes, no or unknown, with the name of the rule that says so."""
    words = _plainly(text)
    looks = [name for name, pattern in _LOOK_ALIKES.items() if pattern.search(words)]
    kept = words
    for name in looks:
        kept = _LOOK_ALIKES[name].sub(" , ", kept)
    kept = " ".join(kept.split())
    for name, pattern in _ASKS.items():
        if pattern.search(kept):
            return True, name
    return (False, looks[0]) if looks else (None, None)


def listen(text: str, vectors: NDArray[np.float32], model: PersonModel) -> Person:
    """Whether this asks for a person: by a rule, else by the classifier, where no look-alike speaks against it."""
    said, rule = by_rule(text)
    if said:
        return Person(SURE, rule)
    if said is False or is_wordless(text):
        return Person(NO, rule)
    return Person(round(model.probability(vectors), 4))


def _plainly(text: str) -> str:
    """Lower case, one kind of apostrophe, sentences kept apart by " , ", and the usual slips mended."""
    low = text.lower().replace("’", "'").replace("`", "'")
    low = re.sub(r"[.!?;:,()\"\n]+", " , ", low)
    low = " ".join(low.split()).strip(" ,")
    low = re.sub(r"\b(?:wanna|wana)\b", "want to", low)
    low = re.sub(r"\bgotta\b", "have got to", low)
    low = re.sub(r"\b(?:sum|som|some)1\b|\bsmb\b", "someone", low)
    low = re.sub(r"\btalk2\b", "talk to", low)
    low = re.sub(
        r"\b(?:tlk|tok|tallk|takl|tlak|tal|tak)\b(?= (?:to|with|2|w)\b)|\b(?:tlk|tallk)\b", "talk", low
    )
    low = re.sub(r"\b(?:spek|speek|spaek|speack|sepak)\b(?= (?:to|with|2|w)\b)", "speak", low)
    low = re.sub(r"\b(?:reel|reall|rael|raal|riel)\b(?= (?:person|human|people|agent)\b)", "real", low)
    low = re.sub(r"\bsum+e?(one|body)\b|\bsom(one|body)\b", lambda found: f"some{found[1] or found[2]}", low)
    low = re.sub(r"\b(?:wth|wiht|wih)\b", "with", low)
    low = re.sub(r"\bur\b", "your", low)
    low = re.sub(r"\bcal me\b", "call me", low)
    low = re.sub(r"\bcn\b", "can", low)
    low = re.sub(r"\bh[uo]{1,2}m{1,2}[aeu]{1,2}n{1,2}(s?)\b", r"human\1", low)
    low = re.sub(r"\b(?:bak|bck|bakc)\b", "back", low)
    low = re.sub(r"\b(?:coud|culd|cud|coudl)\b", "could", low)
    low = re.sub(
        r"\b(talk|speak|chat|transfer|connect)(?: me| us)? (?:2|too) (?=[a-z])",
        lambda found: f"{found[1]} to " if found[1] in ("talk", "speak", "chat") else f"{found[1]} me to ",
        low,
    )
    if not _TALKS.search(low) and len(low.split()) > 4:
        return low
    return " ".join(_mended(word) for word in low.split())


@lru_cache(maxsize=8_192)
def _mended(word: str) -> str:
    if len(word) < 4 or word in _REAL_WORDS or word in _MEANT:
        return word
    return next((meant for meant in _MEANT if _one_slip(word, meant)), word)


def _one_slip(typed: str, meant: str) -> bool:
    """Whether one letter was added, left out, changed or swapped with its neighbour."""
    if abs(len(typed) - len(meant)) > 1:
        return False
    at = next(
        (i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant))
    )
    rest_typed, rest_meant = typed[at:], meant[at:]
    return (
        rest_typed[1:] == rest_meant
        or rest_typed == rest_meant[1:]
        or rest_typed[1:] == rest_meant[1:]
        or (rest_typed[:2] == rest_meant[:2][::-1] and rest_typed[2:] == rest_meant[2:])
    )
