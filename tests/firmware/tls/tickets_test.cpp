// Session tickets: who may open what, and for how long.
#include <array>
#include <cstring>

#include "firmware/tls/tickets.hpp"
#include "tests/firmware/tls/conversation.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;
using Opening = Tickets::Verdict;

TEST_GROUP(Tickets) {
  struct Ticket {
    std::array<std::uint8_t, 16> name{};
    std::array<std::uint8_t, 16> nonce{};
    std::array<std::uint8_t, 32> mac{};
    std::array<std::uint8_t, 100> state{};
    Tickets::Envelope envelope() { return {name.data(), nonce.data(), mac.data()}; }
  };
  Counters counters;
  rng::CoreRandom random{seed(1)};
  Tickets tickets{counters, 12h};
  WallTime now{std::chrono::hours(500000)};
  Ticket ticket;

  void setup() override {
    tickets.set_keys(ticket_keys(1));
    ticket.state.fill(42);
    CHECK_TRUE(tickets.seal(ticket.envelope(), ticket.state, "a.test", now, random));
  }
  Opening open(Ticket copy, std::string_view name = "a.test", Duration later = 0h) {
    return tickets.open(copy.envelope(), copy.state, name, now + later);
  }
};

TEST(Tickets, opens_what_it_sealed_and_nothing_of_it_is_readable) {
  CHECK_TRUE(std::memchr(ticket.state.data(), 42, 20) == nullptr || ticket.state[0] != 42 ||
             ticket.state[1] != 42);
  CHECK_TRUE(tickets.open(ticket.envelope(), ticket.state, "a.test", now) == Opening::opened);
  for (const auto octet : ticket.state) CHECK_EQUAL(42, octet);
}

TEST(Tickets, lives_as_long_as_the_setting_says) {
  CHECK_TRUE(open(ticket, "a.test", 12h) == Opening::opened);
  CHECK_TRUE(open(ticket, "a.test", 12h + 1s) == Opening::expired);
  CHECK_TRUE(open(ticket, "a.test", -30s) == Opening::opened);
  CHECK_TRUE(open(ticket, "a.test", -1h) == Opening::expired);
}

TEST(Tickets, is_bound_to_the_server_name) {
  CHECK_TRUE(open(ticket, "b.test") == Opening::refused);
  CHECK_TRUE(open(ticket, "") == Opening::refused);
}

TEST(Tickets, does_not_survive_a_flipped_bit_anywhere) {
  for (std::size_t at = 0; at < sizeof(Ticket); ++at) {
    auto copy = ticket;
    reinterpret_cast<std::uint8_t*>(&copy)[at] ^= 1;
    CHECK_TRUE(open(copy) != Opening::opened);
  }
}

TEST(Tickets, no_two_are_sealed_alike) {
  Ticket other;
  other.state.fill(42);
  tickets.seal(other.envelope(), other.state, "a.test", now, random);
  CHECK_FALSE(other.nonce == ticket.nonce);
  CHECK_FALSE(other.state == ticket.state);
}

TEST(Tickets, without_a_key_none_are_made) {
  tickets.set_keys({});
  CHECK_FALSE(tickets.seal(ticket.envelope(), ticket.state, "a.test", now, random));
  CHECK_TRUE(open(ticket) == Opening::unknown_key);
}
