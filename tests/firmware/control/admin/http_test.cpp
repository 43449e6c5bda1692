// Requests taken apart, answers written.
#include "firmware/control/admin/http/request.hpp"
#include "firmware/control/admin/http/response.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern::admin;
using State = RequestReader::State;

namespace {
const std::string kGet =
    "GET /a%20b?x=1&y=a+b HTTP/1.1\r\nHost: box\r\nCookie: a=1; __Host-postern=abc; b=2\r\n\r\n";
}

TEST_GROUP(AdminRequest) {
  RequestReader reader{{1024, 2048}};
};

TEST(AdminRequest, IsTakenApart) {
  CHECK(reader.feed(kGet) == State::complete);
  const auto request = reader.take();
  STRCMP_EQUAL("/a b", request.path.c_str());
  STRCMP_EQUAL("a b", request.query.at("y").c_str());
  STRCMP_EQUAL("abc", request.cookie("__Host-postern").c_str());
  CHECK(request.keep_alive);
}

TEST(AdminRequest, ComesInPiecesOfAnySize) {
  for (const char c : kGet) {
    CHECK(reader.state() == State::more);
    reader.feed(std::string(1, c));
  }
  CHECK(reader.state() == State::complete);
}

TEST(AdminRequest, TheNextOneWaitsBehindTheFirst) {
  CHECK(reader.feed("POST /x HTTP/1.1\r\nHost: box\r\nContent-Length: 2\r\n\r\nhi" + kGet) ==
        State::complete);
  STRCMP_EQUAL("hi", reader.take().body.c_str());
  CHECK(reader.state() == State::complete);
  STRCMP_EQUAL("GET", reader.take().method.c_str());
  CHECK(reader.state() == State::more);
}

TEST(AdminRequest, TooLargeIsSaidBeforeItIsKept) {
  CHECK(reader.feed("POST / HTTP/1.1\r\nHost: box\r\nContent-Length: 999999\r\n\r\n") == State::too_large);
  RequestReader second{{1024, 2048}};
  CHECK(second.feed("GET / HTTP/1.1\r\nHost: box\r\nX: " + std::string(5000, 'a')) == State::too_large);
}

TEST(AdminRequest, WhatIsAmbiguousIsRefused) {
  const char* bad[] = {"GET / HTTP/1.1\r\n\r\n",                        // no Host
                       "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",  // two
                       "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
                       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab",
                       "nonsense\r\n\r\n"};
  for (const auto* text : bad) {
    RequestReader one;
    CHECK_TEXT(one.feed(text) == State::malformed, text);
  }
  CHECK(reader.feed("GET / HTTP/1.0\r\nHost: a\r\n\r\n") == State::unwanted);
}

TEST(AdminRequest, APathWithAZeroByteIsNone) {
  reader.feed("GET /a%00b HTTP/1.1\r\nHost: box\r\n\r\n");
  STRCMP_EQUAL("", reader.take().path.c_str());
}

TEST(AdminRequest, PercentSignsAreDecodedOnce) {
  STRCMP_EQUAL("%41", percent_decoded("%2541", false)->c_str());
  CHECK(!percent_decoded("%4", false));
  CHECK(!percent_decoded("%", false));
  CHECK(!percent_decoded("%zz", false));
}

TEST_GROUP(AdminResponse){};

TEST(AdminResponse, EveryAnswerKeepsABrowserStrict) {
  for (const int status : {200, 304, 404, 500}) {
    Response response;
    response.status = status;
    const auto head = head_of(response, false);
    for (const auto* part :
         {"Strict-Transport-Security", "default-src 'none'", "nosniff", "no-referrer", "no-store"})
      CHECK_TEXT(head.find(part) != std::string::npos, part);
    CHECK(head.find("unsafe") == std::string::npos);
  }
}

TEST(AdminResponse, NoHeaderCanBeSmuggledInByAValue) {
  Response response;
  response.headers.emplace_back("X-Name", "a\r\nSet-Cookie: b=c");
  CHECK(head_of(response, false).find("\r\nSet-Cookie") == std::string::npos);
}
