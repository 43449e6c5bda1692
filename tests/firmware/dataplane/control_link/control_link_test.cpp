// The data plane's end of the line: what it takes, what it refuses, and that control may come and go.
#include "firmware/dataplane/control_link/control_link.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "firmware/ipc/hello.hpp"
#include "firmware/ipc/publish.hpp"
#include "platform/log/log.hpp"
#include "platform/process/seqpacket.hpp"
#include "platform/process/shared_memory.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using dataplane::ControlLink;
using process::Descriptor;

#define LINK_TEST_COUNTERS(X) X(apples, "apples counted")
POSTERN_DEFINE_COUNTERS(LinkTestCounters, LINK_TEST_COUNTERS);

namespace {

Descriptor frozen(Bytes content) {
  return std::move(*process::make_frozen("test", content));
}

// Control's end, reduced to what the tests say.
struct Control {
  Descriptor socket;

  explicit Control(const std::string& path) {
    auto connected = process::connect_seqpacket(path);
    CHECK_TEXT(connected.has_value(), path.c_str());
    socket = std::move(*connected);
  }

  void publish(std::uint64_t generation, Bytes settings, Bytes credentials) {
    const Descriptor first = frozen(settings);
    const Descriptor second = frozen(credentials);
    ipc::Publish publish{generation, {}};
    publish.digest[0] = static_cast<std::uint8_t>(generation);
    const std::array<int, 2> both{first.get(), second.get()};
    CHECK(process::send_packet(socket, ipc::write(publish), both));
  }

  void publish(std::uint64_t generation, const ipc::SettingValues& values) {
    publish(generation, ipc::write_snapshot(generation, values), ipc::write_credentials({}));
  }

  void tickets(std::uint8_t mark) {
    ipc::TicketKey key;
    key.name.fill(mark);
    CHECK(process::send_packet(socket, ipc::write(ipc::Tickets{{key}})));
  }

  void inject(const ipc::Inject& mail, std::string_view message) {
    const Descriptor content = frozen(as_bytes(message));
    const std::array<int, 1> one{content.get()};
    CHECK(process::send_packet(socket, ipc::write(mail), one));
  }

  // The next message of that kind, looking past others.
  std::optional<std::vector<std::uint8_t>> next(ipc::MessageKind kind, process::Packet* with = nullptr) {
    std::array<std::uint8_t, ipc::kMostMessageBytes> buffer;
    while (true) {
      process::Packet packet;
      if (process::receive_packet(socket, buffer, packet) != process::ReceiveStatus::packet)
        return std::nullopt;
      ipc::MessageFault fault{};
      const auto message = ipc::open_message(Bytes(buffer).first(packet.size), fault);
      CHECK(message.has_value());
      if (message->kind != kind) continue;
      if (with != nullptr) *with = std::move(packet);
      return std::vector<std::uint8_t>(message->body.begin(), message->body.end());
    }
  }
};

}  // namespace

TEST_GROUP(ControlLinkTest) {
  std::string directory;
  std::string path;
  std::unique_ptr<ControlLink> link;
  std::vector<std::uint64_t> generations;
  std::vector<ipc::Verb> verbs;
  std::size_t ticket_count = 0;
  dataplane::ControlLinkEvents events;
  std::atomic<bool> stop{false};

  void setup() override {
    log::set_output([](std::string_view, void*) {}, nullptr);
    char name[] = "/tmp/postern-link-XXXXXX";
    directory = ::mkdtemp(name);
    path = directory + "/dataplane.sock";
    link = std::move(*ControlLink::create({path, 2, "test"}));
    events.on_generation = [this](dataplane::Generation&& generation) {
      generations.push_back(generation.number);
    };
    events.on_tickets = [this](const ipc::Tickets& tickets) { ticket_count = tickets.keys.size(); };
    events.on_command = [this](ipc::Verb verb) { verbs.push_back(verb); };
  }
  void teardown() override {
    link.reset();
    std::filesystem::remove_all(directory);
    log::set_output(nullptr, nullptr);
  }
  void poll() {
    for (int i = 0; i < 4; ++i) link->poll(1ms, events);
  }
};

TEST(ControlLinkTest, control_hears_who_we_are_and_gets_the_memory) {
  auto& counters = link->counters().place<LinkTestCounters>("fruit", 0);
  counters.apples = 42;
  Control control(path);
  poll();
  process::Packet packet;
  const auto body = control.next(ipc::MessageKind::hello, &packet);
  CHECK(body.has_value());
  const auto hello = ipc::read_hello(*body);
  LONGS_EQUAL(2, hello->shards);
  LONGS_EQUAL(::getpid(), hello->pid);
  LONGS_EQUAL(0, hello->generation);
  const auto page =
      process::map_received(packet.descriptors[0], 4096, 1u << 30, process::Sharing::maker_writes);
  CHECK(page.has_value());
  LONGS_EQUAL(42, ipc::read_counters(page->bytes()).at(0).values.at(0).value);
}

TEST(ControlLinkTest, control_cannot_write_the_counters_page) {
  Control control(path);
  poll();
  process::Packet packet;
  CHECK(control.next(ipc::MessageKind::hello, &packet).has_value());
  CHECK(!process::map_received(packet.descriptors[0], 4096, 1u << 30, process::Sharing::both_write)
             .has_value());
}

TEST(ControlLinkTest, outcomes_pushed_here_are_popped_there) {
  Control control(path);
  poll();
  process::Packet packet;
  CHECK(control.next(ipc::MessageKind::hello, &packet).has_value());
  auto rings = process::map_received(packet.descriptors[1], ipc::outcome_rings_size(2), 1u << 30,
                                     process::Sharing::both_write);
  CHECK(rings.has_value());
  ipc::Outcome outcome{};
  outcome.spool_id = 77;
  CHECK(link->outcomes(1).push(outcome));
  ipc::Outcome got{};
  CHECK(ipc::outcome_ring(rings->bytes(), 1).pop(got));
  LONGS_EQUAL(77, got.spool_id);
}

TEST(ControlLinkTest, the_first_set_is_complete_only_with_ticket_keys) {
  Control control(path);
  control.publish(5, {{"smtp.recipients", "200"}});
  dataplane::FirstSet first;
  stop = true;
  CHECK(!link->wait_for_first_set(first, stop));
  stop = false;
  control.tickets(1);
  CHECK(link->wait_for_first_set(first, stop));
  LONGS_EQUAL(5, first.generation.number);
  LONGS_EQUAL(200, first.generation.settings.number("smtp.recipients"));
  LONGS_EQUAL(1, first.tickets.keys.size());
}

TEST(ControlLinkTest, a_mail_is_handed_on_and_its_answer_goes_back) {
  Control control(path);
  std::string got;
  events.on_inject = [&](const ipc::Inject& inject, process::Mapping message) {
    got = inject.to + " " + std::string(as_text(std::as_const(message).bytes()));
    link->injected({inject.ticket, true, false, ""});
  };
  control.inject({7, "f@x.example", "t@y.example"}, "Subject: x");
  poll();
  STRCMP_EQUAL("t@y.example Subject: x", got.c_str());
  const auto answer = ipc::read_injected(control.next(ipc::MessageKind::injected).value());
  LONGS_EQUAL(7, answer->ticket);
  CHECK(answer->stored);
}

TEST(ControlLinkTest, a_mail_that_comes_before_the_cores_run_is_asked_to_come_again) {
  Control control(path);
  control.inject({7, "f@x.example", "t@y.example"}, "Subject: x");
  poll();
  const auto answer = ipc::read_injected(control.next(ipc::MessageKind::injected).value());
  CHECK(!answer->stored);
  CHECK(answer->again);
}

TEST(ControlLinkTest, being_told_to_shut_down_ends_the_wait) {
  Control control(path);
  CHECK(process::send_packet(control.socket, ipc::write(ipc::Command{ipc::Verb::shut_down})));
  dataplane::FirstSet first;
  CHECK(!link->wait_for_first_set(first, stop));
}

TEST(ControlLinkTest, a_later_generation_is_handed_on_and_its_progress_reported) {
  Control control(path);
  control.publish(6, ipc::SettingValues{});
  poll();
  LONGS_EQUAL(1, generations.size());
  link->shard_runs(0, 6);
  poll();
  link->shard_runs(1, 6);
  poll();
  std::uint32_t most = 0;
  while (const auto body = control.next(ipc::MessageKind::report)) {
    const auto report = ipc::read_report(*body);
    if (report->generation == 6) most = report->shards_at;
  }
  LONGS_EQUAL(2, most);
}

TEST(ControlLinkTest, settings_that_are_not_right_are_refused_with_the_reason) {
  Control control(path);
  const std::vector<std::uint8_t> nonsense(100, 7);
  control.publish(6, nonsense, ipc::write_credentials({}));
  poll();
  CHECK(generations.empty());
  const auto body = control.next(ipc::MessageKind::refuse);
  CHECK(body.has_value());
  LONGS_EQUAL(6, ipc::read_refuse(*body)->generation);
  CHECK(link->attached());
}

TEST(ControlLinkTest, memory_that_could_change_later_is_refused) {
  Control control(path);
  const auto loose = process::make_shared_memory("loose", 4096, process::Sharing::both_write);
  const std::array<int, 2> both{loose->descriptor.get(), loose->descriptor.get()};
  CHECK(process::send_packet(control.socket, ipc::write(ipc::Publish{6, {}}), both));
  poll();
  const auto body = control.next(ipc::MessageKind::refuse);
  CHECK(body.has_value());
  STRCMP_EQUAL("the shared memory received is not sealed", ipc::read_refuse(*body)->reason.c_str());
}

TEST(ControlLinkTest, a_publication_without_descriptors_is_refused) {
  Control control(path);
  CHECK(process::send_packet(control.socket, ipc::write(ipc::Publish{6, {}})));
  poll();
  CHECK(generations.empty());
  CHECK(control.next(ipc::MessageKind::refuse).has_value());
}

TEST(ControlLinkTest, ticket_keys_are_kept_to_three) {
  Control control(path);
  for (std::uint8_t mark = 1; mark < 6; ++mark) control.tickets(mark);
  poll();
  LONGS_EQUAL(3, ticket_count);
}

TEST(ControlLinkTest, nonsense_ends_the_connection_and_nothing_else) {
  {
    Control control(path);
    const std::uint8_t nonsense[] = {1, 2, 3};
    CHECK(process::send_packet(control.socket, nonsense));
    poll();
    CHECK(!link->attached());
  }
  Control again(path);
  poll();
  CHECK(link->attached());
}

TEST(ControlLinkTest, control_that_comes_back_hears_what_runs) {
  {
    Control control(path);
    control.publish(9, ipc::SettingValues{});
    control.tickets(1);
    poll();
  }
  poll();
  CHECK(!link->attached());
  Control again(path);
  poll();
  const auto hello = ipc::read_hello(*again.next(ipc::MessageKind::hello));
  LONGS_EQUAL(9, hello->generation);
  LONGS_EQUAL(9, hello->digest[0]);
  CHECK(hello->tickets_wall_ns != 0);
}

TEST(ControlLinkTest, commands_arrive) {
  Control control(path);
  CHECK(process::send_packet(control.socket, ipc::write(ipc::Command{ipc::Verb::hurry})));
  poll();
  LONGS_EQUAL(1, verbs.size());
}

TEST(ControlLinkTest, a_second_data_plane_on_the_same_path_hears_why_not) {
  const auto second = ControlLink::create({path, 1, "test"});
  CHECK(!second.has_value());
  CHECK(second.error().reason.find("already listening") != std::string::npos);
}

TEST(ControlLinkTest, a_socket_left_by_a_dead_process_is_replaced) {
  const std::string stale = directory + "/stale.sock";
  { const auto listener = process::listen_seqpacket(stale); }
  CHECK(std::filesystem::exists(stale));
  CHECK(ControlLink::create({stale, 1, "test"}).has_value());
}
