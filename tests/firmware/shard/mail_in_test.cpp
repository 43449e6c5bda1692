// A message comes in over a connection and goes out to the office, through a whole shard in memory.
#include <string>

#include "tests/firmware/shard/world.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using test::World;

namespace {

std::string message(std::string_view body) {
  std::string text =
      "EHLO stranger.example\r\nMAIL FROM:<ann@stranger.example>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n";
  text += body;
  text += "\r\n.\r\nQUIT\r\n";
  return text;
}

// What the office got, without the trace line we put in front.
std::string without_trace(const std::string& body) {
  std::size_t end = body.find("\r\n");
  while (end != std::string::npos && end + 2 < body.size() &&
         (body[end + 2] == ' ' || body[end + 2] == '\t')) {
    end = body.find("\r\n", end + 2);
  }
  return end == std::string::npos ? body : body.substr(end + 2);
}

bool says(const std::string& heard, std::string_view text) {
  return heard.find(text) != std::string::npos;
}

}  // namespace

TEST_GROUP(MailIn) {
  World world;
};

TEST(MailIn, AMessageReachesTheOfficeUnchanged) {
  auto talker = world.connect();
  talker->say(message("Subject: hello\r\n\r\nfirst\r\n..dots\r\nlast"));
  CHECK(world.run_until([&] { return !world.office.mails.empty(); }));
  STRCMP_EQUAL("Subject: hello\r\n\r\nfirst\r\n.dots\r\nlast\r\n",
               without_trace(world.office.mails[0].body).c_str());
  STRCMP_EQUAL("ann@stranger.example", world.office.mails[0].envelope.sender.text().c_str());
  CHECK(world.run_until([&] { return talker->ended; }));
  CHECK(says(talker->heard, "\r\n250 2."));
}

TEST(MailIn, NoTwoFiftyBeforeTheDiskAnswers) {
  world.disk.stuck = true;
  auto talker = world.connect();
  talker->say(message("Subject: wait\r\n\r\nx"));
  world.run_for(std::chrono::seconds(5));
  CHECK(says(talker->heard, "354"));
  CHECK(!says(talker->heard.substr(talker->heard.find("354")), "\r\n250"));
  world.disk.stuck = false;
  CHECK(world.run_until([&] { return says(talker->heard.substr(talker->heard.find("354")), "\r\n250"); }));
}

TEST(MailIn, AFullDiskAnswers452AndTheNextMessagePasses) {
  world.disk.full = true;
  auto talker = world.connect();
  talker->say(message("Subject: full\r\n\r\nx"));
  CHECK(world.run_until([&] { return says(talker->heard, "452 4.3.1"); }));
  world.disk.full = false;
  world.shard->disk_space(1u << 30, 1u << 20);
  world.run_for(std::chrono::seconds(2));
  auto second = world.connect();
  second->say(message("Subject: room\r\n\r\nx"));
  CHECK(world.run_until([&] { return !world.office.mails.empty(); }));
  CHECK(says(world.office.mails[0].body, "Subject: room"));
}

TEST(MailIn, WhatGot250SurvivesACrash) {
  world.office.refuse_messages = true;
  auto talker = world.connect();
  talker->say(message("Subject: survive\r\n\r\nx"));
  CHECK(world.run_until([&] { return talker->ended; }));
  world.crash();
  world.office.refuse_messages = false;
  CHECK(world.run_until([&] { return !world.office.mails.empty(); }, std::chrono::minutes(10)));
  CHECK(says(world.office.mails[0].body, "Subject: survive"));
}

TEST(MailIn, AForeignDomainIsRefused) {
  auto talker = world.connect();
  talker->say("EHLO x.example\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@elsewhere.example>\r\nQUIT\r\n");
  CHECK(world.run_until([&] { return talker->ended; }));
  CHECK(says(talker->heard, "550 5.7.1"));
}

TEST(MailIn, ARecipientTheOfficeRefusesBouncesToTheSender) {
  world.office.unknown = {"bob@example.org"};
  auto talker = world.connect();
  talker->say(message("Subject: nobody\r\n\r\nx"));
  CHECK(world.run_until([&] { return !world.office.mails.empty(); }, std::chrono::minutes(2)));
  STRCMP_EQUAL("", world.office.mails[0].envelope.sender.text().c_str());
  STRCMP_EQUAL("ann@stranger.example", world.office.mails[0].envelope.recipients[0].path.text().c_str());
  CHECK(says(world.office.mails[0].body, "multipart/report"));
}

TEST(MailIn, TheOfficeIsAskedAboutARecipientOnce) {
  auto settings = World::default_settings();
  settings.recipients.verify = shard::RecipientSettings::Verify::office;
  World asking(settings);
  asking.office.unknown = {"bob@example.org"};
  for (int i = 0; i < 2; ++i) {
    auto talker = asking.connect();
    talker->say("EHLO x.example\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<bob@example.org>\r\nQUIT\r\n");
    CHECK(asking.run_until([&] { return talker->ended; }));
    CHECK(says(talker->heard, "550 5.1.1"));
    asking.talkers.clear();
  }
  LONGS_EQUAL(1, asking.counters.recipients_asked);
  LONGS_EQUAL(1, asking.counters.recipients_remembered);
}

TEST(MailIn, ABigMessageIsStreamedThroughBoundedMemory) {
  std::string body = "Subject: big\r\n\r\n";
  while (body.size() < 12'000'000)
    body += "0123456789012345678901234567890123456789012345678901234567890123456789\r\n";
  auto talker = world.connect();
  talker->say(message(body));
  CHECK(world.run_until([&] { return !world.office.mails.empty(); }, std::chrono::minutes(5)));
  CHECK(without_trace(world.office.mails[0].body) == body + "\r\n");
}

TEST(MailIn, AMessageWaitsWhileTheOfficeIsDown) {
  world.office_host.tcp.stop_listening(25);
  auto talker = world.connect();
  talker->say(message("Subject: later\r\n\r\nx"));
  CHECK(world.run_until([&] { return talker->ended; }));
  world.run_for(std::chrono::seconds(30));
  CHECK(world.office.mails.empty());
  world.office_host.tcp.listen(25);
  CHECK(world.run_until([&] { return !world.office.mails.empty(); }, std::chrono::minutes(30)));
}

TEST(MailIn, AResetInTheMiddleOfDataIsTold) {
  auto talker = world.connect();
  talker->say(
      "EHLO x.example\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\nSubject: half");
  CHECK(world.run_until([&] { return says(talker->heard, "354"); }));
  world.run_for(std::chrono::milliseconds(100));
  world.internet.tcp.abort(talker->id, world.now.instant);
  CHECK(world.run_until([&] { return world.counters.sessions_in_open == 0; }));
  LONGS_EQUAL(1, world.counters.reset_in_data);
}

TEST(MailIn, AMessageThatCannotBeReadBackIsReportedToItsSender) {
  auto settings = World::default_settings();
  settings.spool.cached_message_bytes = 0;
  World small(settings);
  small.office_host.tcp.stop_listening(25);
  auto talker = small.connect();
  talker->say(message("Subject: spoiled\r\n\r\n" + std::string(600, 'x') + "\r\n"));
  CHECK(small.run_until([&] { return talker->ended; }));
  for (auto& [number, bytes] : small.disk.segments) {
    for (std::size_t i = 0; i + 8 < bytes.size(); ++i) {
      if (bytes[i] == 'x' && bytes[i + 7] == 'x') bytes[i] = 'y';
    }
  }
  small.crash();
  small.office_host.tcp.listen(25);
  CHECK(small.run_until([&] { return !small.office.mails.empty(); }, std::chrono::minutes(10)));
  STRCMP_EQUAL("", small.office.mails[0].envelope.sender.text().c_str());
  CHECK(says(small.office.mails[0].body, "5.3.0"));
  LONGS_EQUAL(1, small.counters.messages_unreadable);
}
