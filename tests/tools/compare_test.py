"""The lab's comparison finds what it is there to find."""
import unittest

from tools.lab.compare import difference, identity

SENT = b'X-Lab-Id: one\r\nSubject: hello\r\n\r\n.dot\r\nbody\r\n'
HOSTS = ['mail.office.example', 'mx.example.org']
TRACE = (b'Return-Path: <a@sender.example>\nX-Original-To: bob@example.org\nDelivered-To: bob@example.org\n'
         b'Received: from mx.example.org (mx.example.org [198.51.100.25])\n\tby mail.office.example (Postfix) with ESMTP id 1\n'
         b'Received: from client.sender.example ([192.0.2.10]) by mx.example.org with ESMTPS id 2;\n Sun, 01 Nov 2026 12:00:00 +0000\n')
STORED = TRACE + SENT.replace(b'\r\n', b'\n')


class Compare(unittest.TestCase):
    def test_the_same_bytes_below_the_trace_are_equal(self):
        self.assertEqual(difference(SENT, STORED, HOSTS), '')

    def test_one_changed_byte_is_found_with_its_place(self):
        self.assertIn('became', difference(SENT, STORED.replace(b'body', b'bodY'), HOSTS))

    def test_a_lost_dot_is_found(self):
        self.assertIn('became', difference(SENT, STORED.replace(b'.dot', b'dot'), HOSTS))

    def test_a_missing_end_is_found(self):
        self.assertIn('arrived', difference(SENT, STORED[:-5], HOSTS))

    def test_added_bytes_are_found(self):
        self.assertIn('arrived', difference(SENT, STORED + b'\n', HOSTS))

    def test_a_message_without_our_received_line_is_found(self):
        self.assertIn('Received by', difference(SENT, STORED.replace(b'Received: from client', b'X-Original-To: x'), HOSTS))

    def test_two_received_lines_of_the_box_are_found(self):
        line = b'Received: from x by mx.example.org with SMTP\n'
        self.assertIn('Received by', difference(SENT, STORED.replace(b'X-Lab-Id', line + b'X-Lab-Id', 1), HOSTS))

    def test_a_field_nobody_may_add_is_found(self):
        self.assertIn('nobody may add', difference(SENT, b'X-Spam: no\n' + STORED, HOSTS))

    def test_a_message_is_known_by_its_id_and_recipient(self):
        self.assertEqual(identity(STORED), ('one', 'bob@example.org'))


if __name__ == '__main__':
    unittest.main()
