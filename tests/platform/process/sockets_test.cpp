// Message sockets, sealed memory and the lock file.
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <vector>

#include "platform/process/lock_file.hpp"
#include "platform/process/seqpacket.hpp"
#include "platform/process/shared_memory.hpp"
#include "tests/platform/process/child.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::process;

TEST_GROUP(Sockets) {
  std::string directory;
  Descriptor listener, client, server;
  std::array<std::uint8_t, 64> buffer{};

  void setup() override {
    char name[] = "/tmp/postern-sockets-XXXXXX";
    directory = ::mkdtemp(name);
    listener = std::move(*listen_seqpacket(directory + "/s"));
    client = std::move(*connect_seqpacket(directory + "/s"));
    server = accept_seqpacket(listener);
    CHECK(static_cast<bool>(server));
  }
  void teardown() override {
    listener.reset();
    client.reset();
    server.reset();
    std::filesystem::remove_all(directory);
  }
};

TEST(Sockets, messages_keep_their_boundaries) {
  CHECK(send_packet(client, as_bytes("one")));
  CHECK(send_packet(client, as_bytes("three")));
  Packet packet;
  CHECK(receive_packet(server, buffer, packet) == ReceiveStatus::packet);
  LONGS_EQUAL(3, packet.size);
  CHECK(receive_packet(server, buffer, packet) == ReceiveStatus::packet);
  LONGS_EQUAL(5, packet.size);
  CHECK(receive_packet(server, buffer, packet) == ReceiveStatus::nothing);
}

TEST(Sockets, a_message_that_was_cut_is_malformed) {
  const std::vector<std::uint8_t> large(1000, 1);
  CHECK(send_packet(client, large));
  Packet packet;
  CHECK(receive_packet(server, buffer, packet) == ReceiveStatus::malformed);
}

TEST(Sockets, an_end_is_told_from_silence) {
  Packet packet;
  CHECK(receive_packet(server, buffer, packet) == ReceiveStatus::nothing);
  client.reset();
  CHECK(receive_packet(server, buffer, packet) == ReceiveStatus::closed);
}

TEST(Sockets, the_socket_is_for_its_owner_only) {
  const auto rights = std::filesystem::status(directory + "/s").permissions();
  CHECK((rights & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
        std::filesystem::perms::none);
}

TEST(Sockets, the_peer_is_known) {
  LONGS_EQUAL(::getpid(), peer_facts(server).pid);
}

TEST(Sockets, frozen_memory_arrives_and_cannot_be_written) {
  const auto frozen = make_frozen("test", as_bytes("hello"));
  const std::array<int, 1> one{frozen->get()};
  CHECK(send_packet(client, as_bytes("x"), one));
  Packet packet;
  CHECK(receive_packet(server, buffer, packet) == ReceiveStatus::packet);
  const auto mapping = map_received(packet.descriptors[0], 1, 100, Sharing::frozen);
  CHECK(mapping.has_value());
  CHECK(as_text(mapping->bytes()) == "hello");
  LONGS_EQUAL(-1, ::write(packet.descriptors[0].get(), "x", 1));
}

TEST(Sockets, memory_of_the_wrong_size_is_not_mapped) {
  const auto frozen = make_frozen("test", as_bytes("hello"));
  CHECK(!map_received(*frozen, 6, 100, Sharing::frozen).has_value());
  CHECK(!map_received(*frozen, 1, 4, Sharing::frozen).has_value());
  CHECK(!map_received(Descriptor(), 1, 4, Sharing::frozen).has_value());
}

TEST(Sockets, memory_that_only_its_maker_writes_shows_the_makers_writes) {
  auto memory = make_shared_memory("test", 4096, Sharing::maker_writes);
  CHECK(memory.has_value());
  const auto reader = map_received(memory->descriptor, 4096, 4096, Sharing::maker_writes);
  memory->mapping.bytes()[7] = 9;
  LONGS_EQUAL(9, reader->bytes()[7]);
  CHECK(!map_received(memory->descriptor, 4096, 4096, Sharing::both_write).has_value());
}

TEST(Sockets, a_lock_is_held_by_one_and_names_it) {
  const std::string path = directory + "/lock";
  const auto mine = take_lock(path);
  CHECK(mine.has_value());
  const auto second = take_lock(path);
  CHECK(!second.has_value());
  CHECK(second.error().reason.find(std::to_string(::getpid())) != std::string::npos);
}

TEST(Sockets, a_lock_ends_with_its_process) {
  const std::string path = directory + "/lock";
  CHECK(process_test::in_child([&] { return take_lock(path).has_value(); }));
  CHECK(take_lock(path).has_value());
}
