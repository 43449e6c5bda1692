// Mail on its way from the reporter into the queue: files that are there whole or not at all.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "firmware/control/outbox/outbox.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern::control;

TEST_GROUP(Outbox) {
  std::string path = "/tmp/postern-outbox-XXXXXX";
  void setup() override {
    CHECK(::mkdtemp(path.data()) != nullptr);
    CHECK(prepare_outbox(path).has_value());
  }
  void teardown() override {
    std::filesystem::remove_all(path);
  }
};

TEST(Outbox, what_is_put_in_is_found_and_read) {
  CHECK(put_in_outbox(path, "<b@x>/../../etc", {"f@x", "t@y", "From: f\r\n\r\nbody\n"}).has_value());
  CHECK(put_in_outbox(path, "a", {"f@x", "t@y", "m"}).has_value());
  const auto names = list_outbox(path, 10);
  LONGS_EQUAL(2, names.size());
  STRCMP_EQUAL("_b_x__.._.._etc.mail", names[0].c_str());
  const auto mail = read_from_outbox(path, names[0]);
  CHECK(mail.has_value());
  STRCMP_EQUAL("f@x", mail->from.c_str());
  STRCMP_EQUAL("t@y", mail->to.c_str());
  STRCMP_EQUAL("From: f\r\n\r\nbody\n", mail->message.c_str());
  remove_from_outbox(path, names[0]);
  LONGS_EQUAL(1, list_outbox(path, 10).size());
}

TEST(Outbox, the_same_name_is_the_same_mail) {
  CHECK(put_in_outbox(path, "a", {"f@x", "t@y", "1"}).has_value());
  CHECK(put_in_outbox(path, "a", {"f@x", "t@y", "2"}).has_value());
  LONGS_EQUAL(1, list_outbox(path, 10).size());
  STRCMP_EQUAL("2", read_from_outbox(path, "a.mail")->message.c_str());
}

TEST(Outbox, what_was_left_half_written_is_not_taken_for_mail) {
  std::ofstream(path + "/a.mail.part") << "POSTERN-MAIL 1\nf@x\nt@";
  CHECK(list_outbox(path, 10).empty());
  CHECK(prepare_outbox(path).has_value());
  CHECK(std::filesystem::is_empty(path));
}

TEST(Outbox, what_is_no_mail_is_not_read) {
  std::ofstream(path + "/a.mail") << "something else\n";
  std::ofstream(path + "/b.mail") << "POSTERN-MAIL 1\nf@x\n\nbody";
  CHECK_FALSE(read_from_outbox(path, "a.mail").has_value());
  CHECK_FALSE(read_from_outbox(path, "b.mail").has_value());
  CHECK_FALSE(read_from_outbox(path, "c.mail").has_value());
}
