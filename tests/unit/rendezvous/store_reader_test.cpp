#include "fake_store.hpp"

#include <toolkit/rendezvous/store_reader.hpp>

#include <chrono>

using namespace toolkit;
using namespace toolkit::rendezvous;
using Kind = Reading::Kind;
using Manner = FakeStore::Manner;

namespace {

const SteadyTime kNow{std::chrono::hours(1)};
const SteadyTime kUntil = kNow + std::chrono::seconds(5);

Reading read(StoreReader& reader) {
  reader.begin(kUntil);
  for (int i = 0; i < 20; ++i) {
    reader.advance({}, kNow);
    if (const auto reading = reader.take()) {
      return *reading;
    }
  }
  reader.advance({}, kUntil);
  const auto reading = reader.take();
  REQUIRE(reading);
  return *reading;
}

bool only_looks(const FakeStore& store) {
  for (const Command command : store.commands) {
    if (command != Command::get_num_keys && command != Command::check && command != Command::get) {
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("the workers of a store are counted, old or new, and nothing is changed in it") {
  for (const Manner manner : {Manner::early, Manner::plain, Manner::validated}) {
    FakeStore store(manner);
    store.keys.put("init/", "3");
    StoreReader reader({"node-0", 29500}, store.connect());
    const Reading reading = read(reader);
    CHECK(reading.kind == Kind::counted);
    CHECK(reading.joined == 3);
    CHECK(only_looks(store));
    CHECK(*store.keys.find("init/") == "3");
  }
}

TEST_CASE("the connection is kept between readings") {
  FakeStore store(Manner::plain);
  store.keys.put("init/", "1");
  StoreReader reader({"node-0", 29500}, store.connect());
  CHECK(read(reader).joined == 1);
  CHECK(store.connections == 2);
  store.keys.put("init/", "2");
  CHECK(read(reader).joined == 2);
  CHECK(store.connections == 2);
}

TEST_CASE("a kept connection that has broken is replaced within the reading") {
  FakeStore store;
  store.keys.put("init/", "1");
  StoreReader reader({"node-0", 29500}, store.connect());
  CHECK(read(reader).kind == Kind::counted);
  reader.begin(kUntil);
  store.down = true;
  reader.advance({}, kNow);
  store.down = false;
  for (int i = 0; i < 10; ++i) {
    reader.advance({}, kNow);
  }
  const auto reading = reader.take();
  REQUIRE(reading);
  CHECK(reading->kind == Kind::counted);
  CHECK(store.connections == 2);
}

TEST_CASE("a store where nobody has joined is never asked for the missing key") {
  for (const Manner manner : {Manner::early, Manner::plain, Manner::validated}) {
    FakeStore store(manner);
    StoreReader reader({"node-0", 29500}, store.connect());
    const Reading reading = read(reader);
    CHECK(reading.kind == Kind::uncounted);
    CHECK(reading.joined == 0);
    CHECK(store.commands.back() == Command::check);
    CHECK(read(reader).kind == Kind::uncounted);
  }
}

TEST_CASE("what is no store is told from one that cannot be reached") {
  const std::vector<std::pair<Manner, Kind>> cases{{Manner::silent, Kind::silent},
                                                   {Manner::text, Kind::no_store},
                                                   {Manner::closing, Kind::no_store},
                                                   {Manner::refusing, Kind::unreachable}};
  for (const auto& [manner, kind] : cases) {
    FakeStore store(manner);
    StoreReader reader({"node-0", 29500}, store.connect());
    const Reading reading = read(reader);
    CHECK(reading.kind == kind);
    CHECK(reading.connected == (kind == Kind::silent));
    CHECK((reading.trouble.cause == net::Cause::refused) == (kind == Kind::unreachable));
    CHECK(read(reader).kind == kind);
  }
}

TEST_CASE("a store that goes away between two dialects cannot be reached") {
  FakeStore first(Manner::silent), second(Manner::refusing);
  int connections = 0;
  StoreReader reader({"node-0", 29500}, [&](const net::Endpoint& endpoint) {
    return (connections++ == 0 ? first : second).connect()(endpoint);
  });
  reader.begin(kUntil);
  reader.advance({}, kNow);
  first.down = true;
  for (int i = 0; i < 5; ++i) {
    reader.advance({}, kNow);
  }
  const auto reading = reader.take();
  REQUIRE(reading);
  CHECK(connections == 2);
  CHECK(reading->kind == Kind::unreachable);
}

TEST_CASE("a connection that fails at once is looked at at once") {
  FakeStore store(Manner::refusing);
  StoreReader reader({"node-0", 29500}, store.connect());
  reader.begin(kUntil);
  CHECK(reader.next_deadline() <= kNow);
}

TEST_CASE("a count that is no number is no count") {
  for (const char* value : {"", "many", "123456789012345678901", "-"}) {
    CAPTURE(value);
    FakeStore store;
    store.keys.put("init/", value);
    StoreReader reader({"node-0", 29500}, store.connect());
    CHECK(read(reader).kind == Kind::no_store);
  }
}
