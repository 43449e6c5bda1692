// The reader and the player themselves: a wrong script fails loudly, and an expectation that is not met
// fails.
#include "tests/packet_scripts/player.hpp"

#include <CppUTest/TestHarness.h>

namespace {

using namespace postern::tcp::scripts;

const std::string kOpen =
    "# RFC 9293 §3.5: a claim\n"
    "0 listen(3) = 0\n"
    "+0 < S 0:0(0) win 65535 <mss 1460>\n"
    "+0 > S. 0:0(0) ack 1 <mss 1460>\n"
    "+0.1 < . 1:1(0) ack 1 win 65535\n"
    "+0 accept(3) = 4\n";

// "" where the script holds, else line and words.
std::string fault_of(const std::string& text) {
  try {
    const Script script = parse_script(text);
    Player{script}.play();
    return {};
  } catch (const Fault& fault) {
    return std::to_string(fault.line) + ": " + fault.text;
  }
}

void says(const std::string& script, const char* part) {
  const std::string fault = fault_of(script);
  CHECK_TEXT(fault.find(part) != std::string::npos, ("said: " + fault).c_str());
}

}  // namespace

TEST_GROUP(Reader){
    void refuses(const std::string& line, const char* why){says("# RFC 1: c\n" + line + "\n", why);
}
}
;

TEST(Reader, AScriptThatHoldsPasses) {
  STRCMP_EQUAL("", fault_of(kOpen).c_str());
}

TEST(Reader, AScriptWithoutAClaimIsRefused) {
  says("0 listen(3) = 0\n", "begins with its claim");
  says("# a claim that rests on nothing\n0 listen(3) = 0\n", "begins with its claim");
}

TEST(Reader, AScriptThatExpectsNothingIsRefused) {
  says("# RFC 1: c\n0 < S 0:0(0)\n", "cannot fail");
}

TEST(Reader, WrongLinesAreRefusedWithTheirPlace) {
  refuses("0 < Q 0:0(0)", "2: unknown flag");
  refuses("0 < SS 0:0(0)", "a flag twice");
  refuses("0 < S 0:5(4)", "not as long as it says");
  refuses("0 < . 0:0(0)", "go together");
  refuses("0 < S 0:0(0) ack 1", "go together");
  refuses("0 < S 0:0(0) <mss>", "expected a number");
  refuses("0 < S 0:0(0) <foo 1>", "unknown option");
  refuses("0 < S 0:0(0) <mss 1460", "expected `>`");
  refuses("0 < S 0:0(0) <hex 1g>", "hexadecimal");
  refuses("0 < S 0:0(0) <...>", "says nothing");
  refuses("0 < S 0:0(0) win 70000", "out of range");
  refuses("0 < S 0:0(0) and more", "what is this");
  refuses("0 < [moon] S 0:0(0)", "unknown mark");
  refuses("0 < icmp surprise [0:0(0)]", "unknown ICMP");
  refuses("S 0:0(0)", "expected a number");
  refuses("+0.1~0.2 > S 0:0(0)", "one end of the range");
  refuses("+0.2~+0.1 > S 0:0(0)", "ends before it begins");
  refuses("+0~+1 < S 0:0(0)", "not certain");
  refuses("* listen(3) = 0", "not certain");
  refuses("+0 > nothing at all", "what is this");
  refuses("0 listen(3", "expected `)`");
  refuses("0 listen(3) 0", "expected `=`");
  refuses("0 dance(3) = 0", "no such call");
  refuses("0 write(4, 10) = 10", "no connection has the file descriptor");
  refuses("0 counter(luck) = 0", "no such counter");
  refuses("--delayed_ack=40ms", "cannot fail");
}

TEST(Reader, WrongSettingsAreRefused) {
  refuses("--colour=red\n0 > nothing", "no such setting");
  refuses("--delayed_ack=40\n0 > nothing", "needs us, ms or s");
  refuses("--connections=many\n0 > nothing", "not a number");
  refuses("--mtu=70000\n0 > nothing", "too large");
  refuses("--ip_version=ipv5\n0 > nothing", "ipv4 or ipv6");
  refuses("--mtu\n0 > nothing", "--name=value");
  refuses("0 > nothing\n--mtu=1500", "before the first event");
}

TEST(Reader, TimeGoesOnlyForward) {
  refuses("1 > nothing\n0.5 > nothing", "over already");
}

TEST_GROUP(Player){};

TEST(Player, ASegmentThatDoesNotComeFails) {
  says(kOpen + "+0 > . 1:1(0) ack 1\n", "7: expected > . 1:1(0) ack 1\n  came     nothing");
}

TEST(Player, ASegmentNobodyExpectsFails) {
  says(kOpen + "+0 write(4, 10) = 10\n",
       "expected nothing more at the end of the script\n  came     > [noecn] P. 1:11(10)");
  says(kOpen + "+0 write(4, 10) = 10\n+0 > nothing\n", "8: expected nothing more by now");
}

TEST(Player, EachPartOfASegmentIsCompared) {
  const std::string write = kOpen + "+0 write(4, 10) = 10\n+0 > ";
  STRCMP_EQUAL("", fault_of(write + "P. 1:11(10) ack 1 win 65535\n").c_str());
  says(write + ". 1:11(10) ack 1\n",
       "8: expected > . 1:11(10) ack 1\n  came     > [noecn] P. 1:11(10) ack 1");
  says(write + "P. 2:12(10) ack 1\n", "came");
  says(write + "P. 1:10(9) ack 1\n", "came");
  says(write + "P. 1:11(10) ack 2\n", "came");
  says(write + "P. 1:11(10) ack 1 win 7\n", "came");
  says(write + "[ect0] P. 1:11(10) ack 1\n", "came");
  says(write + "P. 1:11(10) ack 1 <nop,nop,TS val 1 ecr 0>\n", "came");
}

TEST(Player, OptionsAreComparedInBothDirections) {
  const std::string begin =
      "# RFC 1: c\n0 listen(3) = 0\n+0 < S 0:0(0) <mss 1460,sackOK>\n+0 > S. 0:0(0) ack 1 ";
  STRCMP_EQUAL("", fault_of(begin + "<mss 1460,nop,nop,sackOK>\n").c_str());
  STRCMP_EQUAL("", fault_of(begin + "<...>\n").c_str());
  says(begin + "<mss 1460>\n", "came");
  says(begin + "<mss 1400,sackOK>\n", "came");
  says(begin + "<mss 1460,sackOK,wscale 2>\n", "came");
  says(begin + "\n", "came");
}

TEST(Player, TimeIsPartOfTheExpectation) {
  const std::string begin = "# RFC 1: c\n0 listen(3) = 0\n+0 < S 0:0(0)\n+0 > S. 0:0(0) ack 1 <mss 1460>\n";
  STRCMP_EQUAL("", fault_of(begin + "+1 > S. 0:0(0) ack 1 <mss 1460>\n").c_str());
  STRCMP_EQUAL("", fault_of(begin + "+.9~+1.1 > S. 0:0(0) ack 1 <mss 1460>\n").c_str());
  STRCMP_EQUAL("", fault_of(begin + "* > S. 0:0(0) ack 1 <mss 1460>\n").c_str());
  says(begin + "+0.9 > S. 0:0(0) ack 1 <mss 1460>\n", "came     nothing until 0.904");
  says(begin + "+1.1 > S. 0:0(0) ack 1 <mss 1460>\n", "came     at 1.000");
  says(begin + "+.1~+.9 > S. 0:0(0) ack 1 <mss 1460>\n", "came     nothing");
}

TEST(Player, AnswersOfCallsAreCompared) {
  says(kOpen + "+0 state(4) = LISTEN\n", "7: expected state = LISTEN\n  came     state = ESTABLISHED");
  says(kOpen + "+0 events(4) = none\n", "came     events = opened");
  says(kOpen + "+0 read(4, 10) = 10\n", "came     read = -1 EAGAIN");
  STRCMP_EQUAL("", fault_of(kOpen + "+0 counter(segments_in) > 1\n+0 counter(segments_in) < 3\n").c_str());
  says(kOpen + "+0 counter(segments_in) > 2\n", "expected counter > 2\n  came     counter = 2");
}

TEST(Player, WhatTheEngineReadsIsThePeersStream) {
  STRCMP_EQUAL("", fault_of(kOpen + "+0 < P. 1:11(10) ack 1\n+0 read(4, 4) = 4\n+0 read(4, 100) = 6\n"
                                    "+.04 > . 1:1(0) ack 11\n")
                       .c_str());
}

TEST(Player, SegmentsCanBeForgottenAndCounted) {
  const std::string write = kOpen + "+0 write(4, 10) = 10\n+0 forget() = ";
  STRCMP_EQUAL("", fault_of(write + "1\n").c_str());
  says(write + "2\n", "came     forget = 1");
}

TEST(Player, EachPeerHasAConversationOfItsOwn) {
  const std::string two = kOpen + "+0 peer(198.51.100.8, 40001) = 0\n+0 < S 0:0(0)\n";
  STRCMP_EQUAL("", fault_of(two + "+0 > S. 0:0(0) ack 1 <mss 1460>\n").c_str());
  says(two + "+0 peer(198.51.100.7, 40000) = 0\n+0 > S. 0:0(0) ack 1 <mss 1460>\n", "to another peer");
}
