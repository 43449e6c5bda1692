#!/usr/bin/env python3
"""postern-control carries the reporter's mail from the outbox to the data plane, confined as it is.

  control_mail_process_test.py CONTROL POSTERN FAKE-DATAPLANE
"""
import sys
import unittest

from control_process_test import Box, wait_for


class Mail(Box):
    def put(self, name):
        outbox = self.path / 'outbox'
        outbox.mkdir(mode=0o700, exist_ok=True)
        half = outbox / (name + '.part')
        half.write_text('POSTERN-MAIL 1\nf@x.example\nt@y.example\nSubject: x\r\n\r\n')
        half.rename(outbox / (name + '.mail'))
        return outbox / (name + '.mail')

    def test_a_mail_goes_to_the_data_plane_and_leaves_the_outbox(self):
        mail = self.put('early')
        self.start()
        wait_for(lambda: not mail.exists())
        wait_for(lambda: self.said('a mail of 14 bytes for t@y.example'))
        mail = self.put('late')
        wait_for(lambda: not mail.exists())

    def test_without_room_it_stays_and_people_are_told(self):
        mail = self.put('stays')
        self.start(FAKE_FULL=1)
        wait_for(lambda: any('the queue has no room' in one for one in self.status()['warnings']))
        self.assertTrue(mail.exists())


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1], verbosity=2)
