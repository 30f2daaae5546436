#include "src/sync/transfer.hpp"

#include <doctest/doctest.h>
#include <tests/support/memory_store.hpp>

#include <functional>
#include <vector>

using namespace toolkit;
using namespace toolkit::sync;
using namespace std::chrono_literals;
using support::MemoryStore;

namespace {

class Listening : public Observer {
 public:
  void on_file(const FileEvent& event) override { events.push_back(event); }
  void on_problem(const std::string&, const Error& error) override { problems.push_back(error); }
  void on_retry(const std::string&, const Error&, Milliseconds) override {}
  std::vector<FileEvent> events;
  std::vector<Error> problems;
};

// Something happens to the source while the destination takes the bytes.
class Slow : public MemoryStore {
 public:
  Result<void> append(const store::Target& target, std::uint64_t offset, store::Content& content,
                      store::Flow& flow, std::string& memo) override {
    if (const auto now = std::exchange(meanwhile, nullptr)) {
      now();
    }
    return MemoryStore::append(target, offset, content, flow, memo);
  }
  Result<void> put(const store::Target& target, store::Content& content, store::Flow& flow,
                   std::string& memo) override {
    if (at_each_put) {
      at_each_put();
    }
    return MemoryStore::put(target, content, flow, memo);
  }
  [[nodiscard]] store::Capabilities capabilities() const override {
    auto can = MemoryStore::capabilities();
    can.times = times;
    return can;
  }
  std::function<void()> meanwhile;  // of the next append
  std::function<void()> at_each_put;
  bool times = true;
};

struct World {
  Listening told;
  Session session{Options{}, told};
  MemoryStore source;
  Slow* destination = nullptr;

  World() {
    session.options.transfer.retries = 2;
    session.options.transfer.retry_delay = Milliseconds(0);
    session.throttle = std::make_unique<Throttle>(0, session.halt);
    session.ledger.open("", {}, {}, false);
    auto made = std::make_unique<Slow>();
    destination = made.get();
    session.places.destination = std::move(made);
  }
  Task task(const std::string& key, bool growing = true) {
    Task task;
    task.source = &source;
    task.open_by = task.destination = key;
    task.entry = **source.stat(key);
    task.look_first = true;
    task.growing = growing;
    return task;
  }
  bool send(Task task) {
    bool done = false;
    transfer(session, task, [&](const Task&) { done = true; });
    return done;
  }
};

}  // namespace

TEST_CASE(
    "copytruncate while the tail is read: the old bytes are put aside, and no two are mixed") {
  World place;
  place.source.add_file("x.log", std::string(100, 'a'));
  REQUIRE(place.send(place.task("x.log")));
  place.source.add_file("x.log", std::string(200, 'a'), 2);
  place.destination->meanwhile = [&] { place.source.add_file("x.log", std::string(300, 'b'), 3); };
  CHECK(place.send(place.task("x.log")));
  CHECK(place.destination->bytes_of("x.log") == std::string(300, 'b'));
  CHECK(place.destination->bytes_of("x.log.~1~").substr(0, 100) == std::string(100, 'a'));
  CHECK(place.told.problems.empty());
}

TEST_CASE("a log that was rotated since the walk is left to the next look") {
  World place;
  place.source.add_file("x.log", "old\n");
  REQUIRE(place.send(place.task("x.log")));
  const Task task = place.task("x.log");
  REQUIRE(place.source.rename("x.log", "x.log.1"));
  place.source.add_file("x.log", "new\n");
  CHECK_FALSE(place.send(task));
  CHECK(place.session.moved == 1);
  CHECK(place.destination->bytes_of("x.log") == "old\n");
  CHECK(place.told.problems.empty());
  // One that is replaced all the time is taken as it is in the end.
  place.session.take_moved = true;
  CHECK(place.send(task));
  CHECK(place.destination->bytes_of("x.log") == "new\n");
  CHECK(place.destination->bytes_of("x.log.~1~") == "old\n");
}

TEST_CASE("a growing file that vanished may have another name: another look") {
  World place;
  place.source.add_file("x.log", "old\n");
  const Task task = place.task("x.log");
  REQUIRE(place.source.rename("x.log", "x.log.1"));
  CHECK_FALSE(place.send(task));
  CHECK(place.session.moved == 1);
  CHECK(place.told.problems.empty());
}

TEST_CASE("what had to be sent counts what an earlier try brought over") {
  World place;
  place.source.add_file("x.log", std::string(10'000, 'x'));
  place.destination->meanwhile = [&] {
    REQUIRE(place.destination->create_exclusively("x.log", std::string(4'000, 'x')));
  };  // the first try finds it longer than it thought, as after a lost answer
  CHECK(place.send(place.task("x.log")));
  CHECK(place.session.tally.summary().bytes_grown == 10'000);
  CHECK(place.destination->bytes_of("x.log") == std::string(10'000, 'x'));
}

TEST_CASE("a whole file that is rewritten while it is read arrives as one of the two") {
  World place;
  place.source.add_file("model.bin", std::string(100, 'a'));
  int writes = 0;
  place.destination->at_each_put = [&] {
    if (++writes == 1) {
      place.source.add_file("model.bin", std::string(300, 'b'), 2);
    }
  };
  CHECK(place.send(place.task("model.bin", false)));
  CHECK(place.destination->bytes_of("model.bin") == std::string(300, 'b'));
  CHECK(place.session.tally.summary().bytes_grown == 300);
}

TEST_CASE("a whole file that grows all the time arrives as it was at one moment") {
  World place;
  place.source.add_file("data.bin", std::string(100, 'a'));
  std::string now(100, 'a');
  place.destination->at_each_put = [&] {
    now += std::string(5'000, static_cast<char>('b' + now.size() % 20));
    place.source.add_file("data.bin", now, static_cast<std::int64_t>(now.size()));
  };
  CHECK(place.send(place.task("data.bin", false)));
  CHECK(place.destination->bytes_of("data.bin") == now.substr(0, 5'100));
  CHECK(place.told.problems.empty());
}

TEST_CASE("a whole file that is rewritten all the time fails, and the old one stays") {
  World place;
  place.source.add_file("model.bin", "old");
  REQUIRE(place.send(place.task("model.bin", false)));
  place.source.add_file("model.bin", "another", 2);
  unsigned writes = 9;
  place.destination->at_each_put = [&] {
    --writes;
    place.source.add_file("model.bin", std::string(1'000U * writes, 'b'), writes);
  };
  CHECK_FALSE(place.send(place.task("model.bin", false)));
  CHECK(place.destination->bytes_of("model.bin") == "old");
  CHECK(place.told.problems.at(0).message.find("is being rewritten all the time") !=
        std::string::npos);
}

TEST_CASE("a whole file at a store without times is known by what was noted with it") {
  World place;
  place.destination->times = false;
  place.source.add_file("model.bin", "weights", 7);
  REQUIRE(place.send(place.task("model.bin", false)));
  const auto sent = place.session.tally.summary().bytes_sent;
  place.session.ledger.open("", {}, {}, false);  // all that we knew is lost
  CHECK(place.send(place.task("model.bin", false)));
  CHECK(place.session.tally.summary().bytes_sent == sent);
  CHECK(place.session.tally.summary().unchanged == 1);
  place.source.add_file("model.bin", "another", 8);  // of the same size
  CHECK(place.send(place.task("model.bin", false)));
  CHECK(place.destination->bytes_of("model.bin") == "another");
}

TEST_CASE("without a claim that is surely ours nothing is written") {
  World place;
  place.source.add_file("x.log", "x");
  place.session.may_write = false;
  CHECK_FALSE(place.send(place.task("x.log")));
  CHECK(place.told.problems.at(0).kind == ErrorKind::unavailable);
  CHECK_FALSE(place.destination->holds("x.log"));
}

TEST_CASE("what is under way when a stop comes is no failure: the last pass is to do it") {
  World place;
  place.source.add_file("x.log", "x");
  place.session.halt.stop();
  CHECK_FALSE(place.send(place.task("x.log")));
  CHECK(place.told.problems.empty());
  place.session.halt.begin_last();
  CHECK(place.send(place.task("x.log")));
}
