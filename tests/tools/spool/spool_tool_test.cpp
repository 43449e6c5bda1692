// postern-spool over a spool the real writer made.
#include <cstdlib>
#include <fstream>

#include <nlohmann/json.hpp>

#include "firmware/dataplane/spool_writer/spool_files.hpp"
#include "tests/firmware/dataplane/spool_driver.hpp"
#include "tools/spool/spool_tool.hpp"

// Last: its macros over `new` do not go together with what library headers do.
#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::dataplane;
using namespace postern::dataplane::test;

TEST_GROUP(SpoolTool) {
  ScratchDirectory scratch;
  std::string directory = scratch.path() + "/spool";
  SpoolWriterCounters counters;
  spool::MessageId id = 0;
  std::string output;
  std::string errors;

  void setup() override {
    auto writer = SpoolWriter::start({directory, 1, 1u << 20}, counters);
    CHECK_TRUE(writer.has_value());
    SpoolDriver driver(**writer, {});
    CHECK_TRUE(driver.recover().has_value());
    mail::Envelope envelope;
    envelope.sender = {"from", "sender.example"};
    envelope.recipients = {{{"anna", "office.example"}, 0, ""}, {{"bert", "office.example"}, 0, ""}};
    id = *driver.spool().begin(envelope, now());
    driver.spool().append(id, as_bytes("Subject: x\r\n\r\nhello\r\n"));
    driver.spool().finish(id, now());
    driver.settle();
    const spool::Spool::Settled settled[] = {
        {0, {spool::Verdict::Kind::deferred, 450, "4.2.1", "come\tback later", "mx"}},
        {1, {spool::Verdict::Kind::delivered, 250, "2.0.0", "", "mx"}}};
    driver.spool().settle(id, settled, now());
    driver.settle();
  }

  int run(std::vector<std::string_view> words) {
    words.insert(words.begin(), {"--spool", directory});
    char* text[2] = {};
    std::size_t size[2] = {};
    auto* out = ::open_memstream(&text[0], &size[0]);
    auto* err = ::open_memstream(&text[1], &size[1]);
    const int status = tools::spool_tool(words, out, err);
    std::fclose(out);
    std::fclose(err);
    output.assign(text[0], size[0]);
    errors.assign(text[1], size[1]);
    std::free(text[0]);
    std::free(text[1]);
    return status;
  }
  bool says(std::string_view what) const {
    return output.find(what) != std::string::npos;
  }
};

TEST(SpoolTool, ListsWhatIsOwedAndWhy) {
  LONGS_EQUAL(0, run({"list"}));
  CHECK(says(spool::text(id)));
  CHECK(says("from@sender.example -> anna@office.example"));
  CHECK(says("mx: 450 4.2.1 come back later"));
  CHECK_FALSE(says("bert"));
}

TEST(SpoolTool, ListsForPrograms) {
  LONGS_EQUAL(0, run({"list", "--json"}));
  const auto list = nlohmann::json::parse(output);
  LONGS_EQUAL(1, list.size());
  STRCMP_EQUAL(spool::text(id).c_str(), list[0]["id"].get<std::string>().c_str());
  STRCMP_EQUAL("delivered", list[0]["recipients"][1]["state"].get<std::string>().c_str());
}

TEST(SpoolTool, ShowsAMessageAndItsBody) {
  const auto name = spool::text(id);
  LONGS_EQUAL(0, run({"show", name}));
  CHECK(says("bert@office.example (delivered)"));
  LONGS_EQUAL(0, run({"show", name, "--body"}));
  STRCMP_EQUAL("Subject: x\r\n\r\nhello\r\n", output.c_str());
  LONGS_EQUAL(0, run({"show", name, "--raw"}));
  CHECK(errors.find("crc32c") != std::string::npos);
  LONGS_EQUAL(1, run({"show", "0000000000000001"}));
}

TEST(SpoolTool, ChecksAndFindsDamage) {
  LONGS_EQUAL(0, run({"check"}));
  CHECK(says("nothing is damaged"));
  const auto path = shard_directory(directory, 0) + "/" + spool::segment_file_name(1);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(330);
  file.put('!');
  file.close();
  LONGS_EQUAL(1, run({"check"}));
  CHECK(says("message " + spool::text(id)));
  CHECK(says("1 damaged"));
}

TEST(SpoolTool, RefusesWhatItDoesNotUnderstand) {
  LONGS_EQUAL(2, run({"lost"}));
  LONGS_EQUAL(2, run({}));
  LONGS_EQUAL(2, run({"show", "xyz"}));
  LONGS_EQUAL(2, run({"list", "--body"}));
  directory = scratch.path() + "/none";
  LONGS_EQUAL(2, run({"list"}));
  CHECK(errors.find("--spool") != std::string::npos);
  LONGS_EQUAL(0, run({"--help"}));
}
