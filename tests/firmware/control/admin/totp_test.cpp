// One-time codes against the vectors of the RFCs.
#include "firmware/control/admin/people/totp.hpp"
#include "firmware/control/admin/people/sha1.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::admin;

namespace {

const std::string kSecret = "12345678901234567890";  // RFC 4226 appendix D, RFC 6238 appendix B

std::string hex_of(const Sha1Digest& digest) {
  std::string text;
  for (const auto byte : digest) {
    char pair[3];
    std::snprintf(pair, sizeof pair, "%02x", byte);
    text += pair;
  }
  return text;
}

}  // namespace

TEST_GROUP(AdminTotp){};

TEST(AdminTotp, HotpGivesTheCodesOfRfc4226) {
  const char* right[] = {"755224", "287082", "359152", "969429", "338314",
                         "254676", "287922", "162583", "399871", "520489"};
  for (std::uint64_t i = 0; i < 10; ++i) STRCMP_EQUAL(right[i], hotp(as_bytes(kSecret), i).c_str());
}

TEST(AdminTotp, TotpGivesTheCodesOfRfc6238) {
  const std::pair<std::uint64_t, const char*> rows[] = {{59, "94287082"},         {1111111109, "07081804"},
                                                        {1111111111, "14050471"}, {1234567890, "89005924"},
                                                        {2000000000, "69279037"}, {20000000000, "65353130"}};
  for (const auto& [seconds, code] : rows)
    STRCMP_EQUAL(code, hotp(as_bytes(kSecret), seconds / 30, 8).c_str());
}

TEST(AdminTotp, Sha1GivesTheDigestsOfRfc3174) {
  STRCMP_EQUAL("a9993e364706816aba3e25717850c26c9cd0d89d", hex_of(sha1(as_bytes("abc"))).c_str());
  STRCMP_EQUAL("84983e441c3bd26ebaae4aa1f95129e5e54670f1",
               hex_of(sha1(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))).c_str());
}

TEST(AdminTotp, AKeyLongerThanABlockIsHashedFirst) {
  // RFC 2202 §3, test case 6.
  const std::string key(80, '\xaa');
  STRCMP_EQUAL(
      "aa4ae5e15272d00e95705637ce8a3b55ed402112",
      hex_of(hmac_sha1(as_bytes(key), as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")))
          .c_str());
}

TEST(AdminTotp, ACodeIsGoodOneStepEarlyAndLate) {
  const auto code = hotp(as_bytes(kSecret), 100);
  CHECK(matching_step(as_bytes(kSecret), code, 100 * 30, 0) == 100);
  CHECK(matching_step(as_bytes(kSecret), code, 101 * 30, 0) == 100);
  CHECK(matching_step(as_bytes(kSecret), code, 99 * 30, 0) == 100);
  CHECK(!matching_step(as_bytes(kSecret), code, 102 * 30, 0));
}

TEST(AdminTotp, NoCodeIsGoodTwice) {
  const auto code = hotp(as_bytes(kSecret), 100);
  CHECK(!matching_step(as_bytes(kSecret), code, 100 * 30, 100));
}

TEST(AdminTotp, NonsenseIsNoCode) {
  for (const auto* text : {"", "1", "75522", "7552244", "abcdef"})
    CHECK(!matching_step(as_bytes(kSecret), text, 30, 0));
}

TEST(AdminTotp, Base32IsThatOfRfc4648) {
  const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                      {"f", "MY"},
                                                      {"fo", "MZXQ"},
                                                      {"foo", "MZXW6"},
                                                      {"foob", "MZXW6YQ"},
                                                      {"fooba", "MZXW6YTB"},
                                                      {"foobar", "MZXW6YTBOI"}};
  for (const auto& [plain, coded] : rows) {
    STRCMP_EQUAL(coded, base32(as_bytes(std::string_view(plain))).c_str());
    STRCMP_EQUAL(plain, base32_decoded(coded)->c_str());
  }
  CHECK(!base32_decoded("mzxw6"));
  CHECK(!base32_decoded("M1"));
}
