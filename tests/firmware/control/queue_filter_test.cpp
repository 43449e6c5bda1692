// Which messages of the queue a command line means.
#include "firmware/control/cli/queue_filter.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::control::cli;
using namespace std::chrono_literals;

TEST_GROUP(QueueFilter) {
  const WallTime now{1'000'000s};

  spool::ListedMessage message() const {
    spool::ListedMessage one;
    one.id = 0x0100655f00000001;
    one.envelope.sender = *mail::parse_path("Ann@example.org", false);
    one.recipients = {{.address = "bob@Far.example", .last = {}},
                      {.address = "eve@near.example", .owed = false, .last = {}}};
    one.born = now - 3h;
    return one;
  }
  bool fits(std::map<std::string, std::string> given) const {
    Invocation invocation;
    invocation.given = std::move(given);
    const auto filter = read_queue_filter(invocation);
    CHECK(filter.has_value());
    return filter->fits(message(), now);
  }
};

TEST(QueueFilter, none_means_every_message) {
  CHECK(fits({}));
}

TEST(QueueFilter, a_domain_means_those_who_still_have_to_get_it) {
  CHECK(fits({{"--to-domain", "FAR.example"}}));
  CHECK(!fits({{"--to-domain", "near.example"}}));
  CHECK(!fits({{"--to-domain", "ar.example"}}));
}

TEST(QueueFilter, a_sender_is_an_address_a_domain_or_nobody) {
  CHECK(fits({{"--from", "ann@example.org"}}));
  CHECK(fits({{"--from", "@example.org"}}));
  CHECK(!fits({{"--from", "@xample.org"}}));
  CHECK(!fits({{"--from", "<>"}}));
}

TEST(QueueFilter, ids_are_a_list) {
  CHECK(fits({{"--id", "0100655f00000002,0100655f00000001"}}));
  CHECK(!fits({{"--id", "0100655f00000002"}}));
}

TEST(QueueFilter, age_counts_from_when_it_was_queued) {
  CHECK(fits({{"--older", "3h"}}));
  CHECK(!fits({{"--older", "181m"}}));
}

TEST(QueueFilter, all_that_is_given_has_to_fit) {
  CHECK(!fits({{"--from", "ann@example.org"}, {"--older", "1d"}}));
}

TEST(QueueFilter, what_cannot_be_read_is_told_and_never_means_everything) {
  for (const auto& [name, text] : {std::pair{"--id", "4711"}, {"--id", ""}, {"--older", "soon"}}) {
    Invocation invocation;
    invocation.given = {{name, text}};
    CHECK_TEXT(!read_queue_filter(invocation).has_value(), name);
  }
}
