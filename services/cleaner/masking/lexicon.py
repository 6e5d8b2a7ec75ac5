"""Words that say what the number next to them is. Whole words, folded to lower case without diacritics."""

from typing import Final


def words(text: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(text.split())


PHONE: Final = words(
    "call calls called calling caller callers whatsapp watsapp wassap whatsap number numbers numba no nos num "
    "phone phones fone fon line lines mobile tel tele telephone gsm contact contacts reach sms text texted dial "
    "dialed dialled cell msisdn subscriber sim mobile desk fax office registered answering lamba lambar lambata "
    "waya layin wayar wayata nomba nomba mi foonu ero ago cli ani ekwenti kpo kira kirana pe akpo from sender "
    "flash"
)
NIN: Final = words("nin nimc nins ninnumber national identity slip vnin")
BVN: Final = words("bvn bvns bvnnumber")
ACCOUNT: Final = words(
    "account accounts accnt acct accts acc a/c ac aza nuban transfer transferred bank banks gtb gtbank "
    "zenith uba  access firstbank fidelity kuda opay palmpay moniepoint sterling wema fcmb polaris union "
    "stanbic keystone ecobank jaiz  providus carbon alat asusu akaunti akant akaunt akanti asusun "
    "akauntina customerid iban beneficiary  savings"
)
CARD: Final = words("card cards atm debit credit mastercard visa verve pan kaadi kati katin amex discover maestro")
IMEI: Final = words("imei imeis device handset handsets serial")
ICCID: Final = words("sim simcard iccid pack serial esim simpack")
IMSI: Final = words("imsi")
VOUCHER: Final = words(
    "recharge recharged recharging voucher vouchers scratch scratched load loaded loading pin pins epin e-pin airtime "
    "topup kati kaadi credit card"
)
TIN: Final = words("tin tax firs jtb taxpayer")
TICKET: Final = words(
    "tkt tkts ticket tickets tickt sr srs ref refs reference references inc refno ticketno refid ticketid"
)
TICKET_LINK: Final = words("no number num id is na are code nr nos of the my : #")
"""Words that may stand between a ticket word and its number."""

PIN: Final = words(
    "pin pins puk puk1 puk2 otp otps password passwords passcode passwd pwd pword pswd passwrd cvv cvc cvv2 code codes "
    "kalmar sirri lambar"
)


def near(cues: frozenset[str], words: "list[str]") -> int:
    """How far back (1 = the word just before) the nearest of the cues is; 0 where none is among the words."""
    for distance, word in enumerate(reversed(words), 1):
        if word in cues:
            return distance
    return 0
