#include "frame_bytes.hpp"

#include <doctest/doctest.h>
#include <src/rendezvous/key_store.hpp>

#include <string>
#include <vector>

using namespace toolkit::rendezvous;
using namespace std::string_literals;

namespace {

/// The answer; "closed" when the client is to be closed.
std::string ask(KeyStore& store, Command command, std::vector<std::string> words = {},
                std::int64_t number = 0, KeyStore::Client client = 1) {
  std::string answer;
  const bool lives = store.handle(client, {command, std::move(words), number}, answer);
  return lives ? answer : "closed";
}

using Clients = std::vector<KeyStore::Client>;

}  // namespace

TEST_CASE("what is set can be got, counted, appended to and deleted") {
  KeyStore store;
  CHECK(ask(store, Command::get_num_keys) == number(0));
  CHECK(ask(store, Command::set, {"k", "v"}).empty());
  CHECK(ask(store, Command::set, {"k", "w"}).empty());
  CHECK(ask(store, Command::get, {"k"}) == value("w"));
  CHECK(ask(store, Command::append, {"k", "x"}).empty());
  CHECK(ask(store, Command::append, {"new", "y"}).empty());
  CHECK(ask(store, Command::multi_get, {"k", "new"}) == value("wx") + value("y"));
  CHECK(ask(store, Command::multi_set, {"a", "1", "b", "2"}).empty());
  CHECK(ask(store, Command::get_num_keys) == number(4));
  CHECK(ask(store, Command::delete_key, {"k"}) == number(1));
  CHECK(ask(store, Command::delete_key, {"k"}) == number(0));
}

TEST_CASE("a get of a missing key closes the connection, as torch's store does") {
  KeyStore store;
  CHECK(ask(store, Command::get, {"k"}) == "closed");
  CHECK(ask(store, Command::multi_get, {"k"}) == "closed");
  CHECK(ask(store, Command::watch_key, {"k"}) == "closed");
}

TEST_CASE("add keeps decimal text, and refuses what is none") {
  KeyStore store;
  CHECK(ask(store, Command::add, {"n"}, 2) == number(2));
  CHECK(ask(store, Command::add, {"n"}, -3) == number(-1));
  CHECK(ask(store, Command::get, {"n"}) == value("-1"));
  CHECK(ask(store, Command::set, {"n", "9223372036854775807"}).empty());
  CHECK(ask(store, Command::add, {"n"}, 1) == "closed");
  CHECK(ask(store, Command::set, {"n", "x"}).empty());
  CHECK(ask(store, Command::add, {"n"}, 1) == "closed");
}

TEST_CASE("check is 0 when all are there") {
  KeyStore store;
  CHECK(ask(store, Command::check, {"a"}) == "\1"s);
  CHECK(ask(store, Command::check, {}) == "\0"s);
  CHECK(ask(store, Command::set, {"a", ""}).empty());
  CHECK(ask(store, Command::check, {"a"}) == "\0"s);
  CHECK(ask(store, Command::check, {"a", "b"}) == "\1"s);
}

TEST_CASE("compare_set changes what is as expected, and a missing key that nobody expected") {
  KeyStore store;
  CHECK(ask(store, Command::compare_set, {"k", "old", "new"}) == value("old"));
  CHECK(ask(store, Command::check, {"k"}) == "\1"s);
  CHECK(ask(store, Command::compare_set, {"k", "", "first"}) == value("first"));
  CHECK(ask(store, Command::compare_set, {"k", "other", "x"}) == value("first"));
  CHECK(ask(store, Command::compare_set, {"k", "first", "second"}) == value("second"));
}

TEST_CASE("a ping gives its nonce back") {
  KeyStore store;
  CHECK(ask(store, Command::ping, {}, 0xFFFFFFFE) == "\xFE\xFF\xFF\xFF"s);
}

TEST_CASE("a wait ends when the last of its keys comes, by whatever way") {
  KeyStore store;
  CHECK(ask(store, Command::wait, {"a", "b", "a"}, 0, 7).empty());
  CHECK(ask(store, Command::set, {"a", ""}).empty());
  CHECK(store.take_woken().empty());
  SUBCASE("set") { CHECK(ask(store, Command::set, {"b", ""}).empty()); }
  SUBCASE("add") { CHECK(ask(store, Command::add, {"b"}, 1) == number(1)); }
  SUBCASE("append") { CHECK(ask(store, Command::append, {"b", "x"}).empty()); }
  SUBCASE("multi_set") { CHECK(ask(store, Command::multi_set, {"b", "x"}).empty()); }
  SUBCASE("compare_set") { CHECK(ask(store, Command::compare_set, {"b", "", "x"}) == value("x")); }
  CHECK(store.take_woken() == Clients{7});
  CHECK(store.take_woken().empty());
  CHECK(ask(store, Command::wait, {"a", "b"}, 0, 7) == "\0"s);
}

TEST_CASE("a cancelled wait never ends, one that has ended can still be cancelled") {
  KeyStore store;
  CHECK(ask(store, Command::wait, {"a"}, 0, 7).empty());
  CHECK(ask(store, Command::cancel_wait, {}, 0, 7) == "\1"s);
  CHECK(ask(store, Command::set, {"a", ""}).empty());
  CHECK(store.take_woken().empty());
  CHECK(ask(store, Command::cancel_wait, {}, 0, 7) == "\1"s);
}

TEST_CASE("who has gone is not woken, and leaves nothing behind") {
  KeyStore store;
  const std::size_t before = store.bytes();
  CHECK(ask(store, Command::wait, {"a", "b"}, 0, 7).empty());
  CHECK(ask(store, Command::wait, {"a"}, 0, 8).empty());
  CHECK(store.bytes() > before);
  store.forget(7);
  CHECK(ask(store, Command::set, {"a", ""}).empty());
  store.forget(8);
  CHECK(store.take_woken().empty());
  CHECK(ask(store, Command::delete_key, {"a"}) == number(1));
  CHECK(store.bytes() == before);
}

TEST_CASE("the store has an end") {
  KeyStore store;
  const std::string large(kMaximumValue, 'v');
  int kept = 0;
  while (kept < 1000 && ask(store, Command::set, {std::to_string(kept), large}).empty()) {
    ++kept;
  }
  CHECK(kept >= 10);
  CHECK(kept < 40);
  CHECK(ask(store, Command::append, {"0", "x"}) == "closed");
  CHECK(ask(store, Command::multi_get, {"0", "1", "2", "3", "4", "5"}) == "closed");
  CHECK(ask(store, Command::get, {"0"}) == value(large));
}
