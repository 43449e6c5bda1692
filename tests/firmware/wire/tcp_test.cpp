// The TCP header read and written. RFC 9293 §3.1, §3.2.
#include "firmware/wire/tcp.hpp"

#include <array>
#include <vector>

#include <CppUTest/TestHarness.h>

namespace postern::wire {

TEST_GROUP(Tcp){};

TEST(Tcp, what_is_written_is_read) {
  const TcpHeader header{25, 40000, 0x01020304, 0x05060708, kTcpSyn | kTcpAck, 512, 9};
  TcpOptions options;
  options.has_mss = options.has_window_scale = options.sack_permitted = options.has_timestamps = true;
  options.mss = 1460;
  options.window_scale = 7;
  options.timestamp = 11;
  options.timestamp_echo = 12;
  std::array<std::uint8_t, kTcpHeaderMost> room{};
  const std::size_t length = write_tcp_header(room.data(), header, options);
  LONGS_EQUAL(40, length);
  LONGS_EQUAL(length, tcp_header_bytes(options));
  const auto view = *TcpView::parse(Bytes{room.data(), length});
  LONGS_EQUAL(25, view.source_port());
  LONGS_EQUAL(40000, view.destination_port());
  LONGS_EQUAL(0x01020304, view.sequence());
  LONGS_EQUAL(0x05060708, view.acknowledgment());
  LONGS_EQUAL(kTcpSyn | kTcpAck, view.flags());
  LONGS_EQUAL(512, view.window());
  LONGS_EQUAL(9, view.urgent_pointer());
  LONGS_EQUAL(0, view.payload().size());
  const TcpOptions read = parse_tcp_options(view.options());
  LONGS_EQUAL(1460, read.mss);
  LONGS_EQUAL(7, read.window_scale);
  CHECK_TRUE(read.sack_permitted);
  LONGS_EQUAL(11, read.timestamp);
  LONGS_EQUAL(12, read.timestamp_echo);
}

TEST(Tcp, sack_blocks_are_written_as_many_as_fit) {
  TcpOptions options;
  options.sack_count = 4;
  options.sack = {{{1, 2}, {3, 4}, {5, 6}, {7, 8}}};
  std::array<std::uint8_t, kTcpHeaderMost> room{};
  std::size_t length = write_tcp_header(room.data(), {}, options);
  LONGS_EQUAL(20 + 36, length);
  LONGS_EQUAL(4, parse_tcp_options(TcpView::parse(Bytes{room.data(), length})->options()).sack_count);
  options.has_timestamps = true;
  length = write_tcp_header(room.data(), {}, options);
  LONGS_EQUAL(60, length);
  LONGS_EQUAL(length, tcp_header_bytes(options));
  const TcpOptions read = parse_tcp_options(TcpView::parse(Bytes{room.data(), length})->options());
  LONGS_EQUAL(3, read.sack_count);
  CHECK_TRUE(read.sack[2] == (TcpSackBlock{5, 6}));
}

TEST(Tcp, a_header_cut_short_or_lying_about_its_length_is_refused) {
  std::array<std::uint8_t, 24> bytes{};
  CHECK_FALSE(TcpView::parse(Bytes{bytes.data(), 19}).has_value());
  bytes[12] = 4 << 4;
  CHECK_FALSE(TcpView::parse(bytes).has_value());
  bytes[12] = 7 << 4;
  CHECK_FALSE(TcpView::parse(bytes).has_value());
  bytes[12] = 6 << 4;
  CHECK_TRUE(TcpView::parse(bytes).has_value());
}

TEST(Tcp, options_with_a_wrong_length_end_the_list) {
  const std::vector<std::uint8_t> zero = {2, 4, 5, 0xb4, 3, 0, 7, 0};
  CHECK_TRUE(parse_tcp_options(zero).has_mss);
  CHECK_FALSE(parse_tcp_options(zero).has_window_scale);
  const std::vector<std::uint8_t> beyond = {1, 1, 8, 10, 0, 0, 0, 0};
  CHECK_FALSE(parse_tcp_options(beyond).has_timestamps);
  const std::vector<std::uint8_t> cut = {1, 1, 1, 2};
  CHECK_FALSE(parse_tcp_options(cut).has_mss);
}

TEST(Tcp, unknown_options_are_skipped_and_the_end_is_the_end) {
  const std::vector<std::uint8_t> options = {30, 4, 0, 0, 4, 2, 0, 0, 3, 3, 9, 1};
  const TcpOptions read = parse_tcp_options(options);
  CHECK_TRUE(read.sack_permitted);
  CHECK_FALSE(read.has_window_scale);
}

TEST(Tcp, a_scale_beyond_fourteen_is_fourteen) {  // RFC 7323 §2.3
  const std::vector<std::uint8_t> options = {3, 3, 200, 0};
  LONGS_EQUAL(14, parse_tcp_options(options).window_scale);
}

}  // namespace postern::wire
