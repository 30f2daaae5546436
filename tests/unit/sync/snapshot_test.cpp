#include "src/sync/snapshot.hpp"

#include <doctest/doctest.h>
#include <tests/support/memory_store.hpp>

#include <chrono>
#include <initializer_list>

using namespace toolkit;
using namespace toolkit::sync;

namespace {

struct Log {
  explicit Log(const std::string& bytes) {
    store.add_file("x.log", bytes);
    snapshot = *Snapshot::take(*store.open("x.log", false));
    REQUIRE(snapshot != nullptr);
  }
  bool is_itself_as(const std::string& bytes) {
    store.add_file("x.log", bytes, 2);
    return *snapshot->is_still_itself();
  }
  support::MemoryStore store;
  std::unique_ptr<Snapshot> snapshot;
};

}  // namespace

TEST_CASE(
    "a file is still what was read while it grows, and not when it begins otherwise or ends "
    "before") {
  for (const std::size_t size : {1UL, 4'096UL, 16'384UL, 16'385UL, 60'000UL}) {
    CAPTURE(size);
    Log log(std::string(size, 'a'));
    CHECK(log.is_itself_as(std::string(size, 'a')));
    CHECK(log.is_itself_as(std::string(size, 'a') + "more\n"));
    CHECK_FALSE(log.is_itself_as(std::string(size - 1, 'a')));
    CHECK_FALSE(log.is_itself_as(""));
    CHECK_FALSE(log.is_itself_as("b" + std::string(size + 100, 'a')));
  }
}

TEST_CASE("of a short file every byte is compared") {
  Log log(std::string(16'384, 'a'));
  CHECK_FALSE(log.is_itself_as(std::string(16'383, 'a') + "b"));
}

TEST_CASE("what was read lies in memory, as far as it was read") {
  const Log log("0123456789");
  CHECK(log.snapshot->in_memory(0, 10) == "0123456789");
  CHECK(log.snapshot->in_memory(3, 4) == "3456");
  CHECK(log.snapshot->in_memory(9, 1) == "9");
  CHECK(log.snapshot->in_memory(9, 2).empty());
  CHECK(log.snapshot->in_memory(11, 1).empty());
}

namespace {

// On our machine, where a clock that is ours gives its time.
class OnDisk : public store::Content {
 public:
  explicit OnDisk(std::int64_t mtime) {
    entry_.size = bytes.size();
    entry_.mtime = mtime;
  }
  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    ++reads;
    return bytes.copy(into.data(), into.size(), offset);
  }
  [[nodiscard]] const store::Entry& entry() const override { return entry_; }
  Result<store::Entry> stat() override {
    entry_.size = bytes.size();
    return entry_;
  }
  [[nodiscard]] int descriptor() const override { return 0; }
  void change(const std::string& other, std::int64_t later) {
    bytes = other;
    entry_.mtime += later;
  }

  std::string bytes = "epoch 1\n";
  int reads = 0;

 private:
  store::Entry entry_;
};

std::int64_t nanoseconds_ago(std::chrono::nanoseconds time) {
  return (std::chrono::system_clock::now().time_since_epoch() - time).count();
}

struct Opened {
  explicit Opened(std::chrono::nanoseconds age) {
    auto content = std::make_unique<OnDisk>(nanoseconds_ago(age));
    file = content.get();
    snapshot = *Snapshot::take(std::move(content));
  }
  OnDisk* file;
  std::unique_ptr<Snapshot> snapshot;
};

}  // namespace

TEST_CASE("a file at rest whose length and time are as they were is not read once more") {
  Opened log(std::chrono::hours(1));
  CHECK(*log.snapshot->is_still_itself());
  CHECK(log.file->reads == 1);
}

TEST_CASE("a file at rest that was written in the meantime is compared, as any other") {
  Opened log(std::chrono::hours(1));
  SUBCASE("by its length") { log.file->change("epoch 1\nepoch 2\n", 0); }
  SUBCASE("by its time") { log.file->change("epoch 1\n", 1); }
  CHECK(*log.snapshot->is_still_itself());
  CHECK(log.file->reads > 1);
  log.file->change("Epoch 1\n", 1);
  CHECK_FALSE(*log.snapshot->is_still_itself());
}

TEST_CASE("a file changed a moment ago is compared, its time may be the same after a change") {
  Opened log(std::chrono::nanoseconds(-10'000'000));
  log.file->change("Epoch 1\n", 0);
  CHECK_FALSE(*log.snapshot->is_still_itself());
}
