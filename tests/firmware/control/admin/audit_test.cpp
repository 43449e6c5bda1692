// The audit log's chain.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "firmware/control/admin/audit/audit.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern::admin;

TEST_GROUP(AdminAudit) {
  std::string directory;
  std::string path;
  void setup() override {
    std::string pattern = std::filesystem::temp_directory_path() / "admin-audit-XXXXXX";
    directory = ::mkdtemp(pattern.data());
    path = directory + "/audit.jsonl";
  }
  void teardown() override {
    std::filesystem::remove_all(directory);
  }
  void write(const char* subject, const char* user = "anna") {
    auto audit = Audit::open(path);
    CHECK(
        audit->write({user, "192.0.2.1", "web", "setSetting", subject, "done", ""}, 1'800'000'000'000'000'000)
            .has_value());
  }
  std::vector<std::string> lines() {
    std::ifstream file(path);
    std::vector<std::string> all;
    for (std::string line; std::getline(file, line);) all.push_back(line);
    return all;
  }
  void put(const std::vector<std::string>& all) {
    std::ofstream file(path, std::ios::trunc);
    for (const auto& line : all) file << line << "\n";
  }
  AuditVerdict verdict() {
    return Audit::open(path)->verify();
  }
};

TEST(AdminAudit, LinesFollowFromEachOther) {
  for (const auto* subject : {"one", "two", "three"}) write(subject);
  CHECK(verdict().good);
  LONGS_EQUAL(3, verdict().lines);
}

TEST(AdminAudit, AChangedLineIsFound) {
  for (const auto* subject : {"one", "two", "three"}) write(subject);
  auto all = lines();
  all[1].replace(all[1].find("two"), 3, "TWO");
  put(all);
  CHECK(!verdict().good);
  LONGS_EQUAL(2, verdict().first_wrong);
}

TEST(AdminAudit, AMissingLineIsFound) {
  for (const auto* subject : {"one", "two", "three"}) write(subject);
  auto all = lines();
  all.erase(all.begin() + 1);
  put(all);
  LONGS_EQUAL(2, verdict().first_wrong);
}

TEST(AdminAudit, LinesThatChangePlacesAreFound) {
  for (const auto* subject : {"one", "two", "three"}) write(subject);
  auto all = lines();
  std::swap(all[0], all[1]);
  put(all);
  LONGS_EQUAL(1, verdict().first_wrong);
}

TEST(AdminAudit, TwoWhoWriteAtOnceKeepOneChain) {
  std::thread other([this] {
    for (int i = 0; i < 20; ++i) write("there", "root");
  });
  for (int i = 0; i < 20; ++i) write("here");
  other.join();
  CHECK(verdict().good);
  LONGS_EQUAL(40, verdict().lines);
}

TEST(AdminAudit, PagesAreNewestFirstAndFiltered) {
  for (const auto* subject : {"one", "two", "three"}) write(subject);
  write("four", "bert");
  const auto audit = Audit::open(path);
  const auto page = audit->page(0, 2, "anna", "");
  LONGS_EQUAL(2, page.lines.size());
  STRCMP_EQUAL("three", page.lines[0]["subject"].get<std::string>().c_str());
  const auto before = audit->page(page.lines.back()["number"], 10, "", "");
  LONGS_EQUAL(1, before.lines.size());
  LONGS_EQUAL(1, audit->page(0, 10, "", "four").lines.size());
}

TEST(AdminAudit, NothingInATextBreaksALine) {
  write("a\nb\"c\\d\xff");
  LONGS_EQUAL(1, lines().size());
  CHECK(verdict().good);
}
