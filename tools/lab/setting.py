"""One whole lab, ready: network, certificates, office, sender; the box is added by who uses it."""
from tools.lab import certificates, messages, postfix
from tools.lab.compare import Mailbox
from tools.lab.network import Network, check_machine
from tools.lab.send import Senders


class Lab:
    def __init__(self, place):
        check_machine()
        self.place = place
        self.network = Network(place)
        self.certificates = certificates.make_all(place.path('certificates'))
        self.office = postfix.office(place, self.network, self.certificates['office'], [messages.DOMAIN], messages.MAILBOXES)
        self.sender = postfix.sender(place, self.network, self.certificates['ca'])
        self.mailbox = Mailbox(place.path('office/mail'))
        self.senders = Senders(self.network, place.path('sent'))

    def start_peers(self, sender=True):
        self.office.start()
        if sender:
            self.sender.start()
        return self
