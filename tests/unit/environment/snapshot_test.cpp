#include <toolkit/environment/snapshot.hpp>

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

using toolkit::environment::Snapshot;

namespace {

std::vector<std::string> entries_of(const Snapshot& snapshot) {
  std::vector<std::string> entries;
  for (const char* const* entry = snapshot.as_envp(); *entry != nullptr; ++entry) {
    entries.emplace_back(*entry);
  }
  return entries;
}

const char* const kUnusual[] = {
    "A=1", "no equals sign", "A=2", "=C:=weird", "EMPTY=", "", "B=x=y", "PATHOLOGY=/z", nullptr};

}  // namespace

TEST_CASE("an untouched snapshot is the very array it was made from") {
  const Snapshot snapshot(kUnusual);
  CHECK(snapshot.as_envp() == kUnusual);
}

TEST_CASE("a snapshot of nothing is an empty environment") {
  const Snapshot snapshot(nullptr);
  CHECK(entries_of(snapshot).empty());
  CHECK_FALSE(snapshot.get("PATH"));
}

TEST_CASE("a value is found as getenv finds it") {
  const Snapshot snapshot(kUnusual);
  CHECK(snapshot.get("A") == "1");  // the first of two
  CHECK(snapshot.get("EMPTY") == "");
  CHECK(snapshot.get("B") == "x=y");
  CHECK_FALSE(snapshot.get("PATH"));
  CHECK_FALSE(snapshot.get("no equals sign"));
}

TEST_CASE("setting a variable keeps its place, removes its duplicates and touches nothing else") {
  Snapshot snapshot(kUnusual);
  snapshot.set("A", "3");
  CHECK(entries_of(snapshot) == std::vector<std::string>{"A=3", "no equals sign", "=C:=weird",
                                                         "EMPTY=", "", "B=x=y", "PATHOLOGY=/z"});
}

TEST_CASE("a new variable comes last") {
  Snapshot snapshot(kUnusual);
  snapshot.set("NEW", "");
  CHECK(entries_of(snapshot).back() == "NEW=");
  CHECK(entries_of(snapshot).size() == 9);
}

TEST_CASE("unsetting removes every entry of the name") {
  Snapshot snapshot(kUnusual);
  snapshot.unset("A");
  CHECK_FALSE(snapshot.get("A"));
  CHECK(entries_of(snapshot).size() == 6);
}

TEST_CASE("unsetting what is not there keeps the array untouched") {
  Snapshot snapshot(kUnusual);
  snapshot.unset("no equals sign");
  snapshot.unset("PATH");
  CHECK(snapshot.as_envp() == kUnusual);
}

TEST_CASE("a value may come out of the snapshot itself") {
  Snapshot snapshot(kUnusual);
  snapshot.set("B", "first");
  snapshot.set("B", *snapshot.get("B"));
  snapshot.set("C", *snapshot.get("B"));
  CHECK(snapshot.get("C") == "first");
}

TEST_CASE("a moved snapshot keeps its strings") {
  Snapshot first(kUnusual);
  first.set("SHORT", "s");
  first.set("LONG", std::string(100, 'l'));
  const Snapshot second(std::move(first));
  CHECK(second.get("SHORT") == "s");
  CHECK(second.get("LONG") == std::string(100, 'l'));
}

TEST_CASE("random changes agree with a map") {
  std::mt19937 random(7);
  const char* const start[] = {"K0=a", "K1=b", nullptr};
  Snapshot snapshot(start);
  std::map<std::string, std::string> model{{"K0", "a"}, {"K1", "b"}};
  for (int i = 0; i < 20'000; ++i) {
    const std::string name = "K" + std::to_string(random() % 20);
    if (random() % 3 == 0) {
      snapshot.unset(name);
      model.erase(name);
    } else {
      const std::string value(random() % 30, static_cast<char>('a' + random() % 26));
      snapshot.set(name, value);
      model[name] = value;
    }
  }
  CHECK(entries_of(snapshot).size() == model.size());
  for (const auto& [name, value] : model) {
    CHECK(snapshot.get(name) == value);
  }
}
