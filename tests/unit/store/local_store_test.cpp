#include "store_place.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <tests/support/temp_dir.hpp>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

using namespace toolkit::store;
using toolkit::ErrorKind;
using toolkit::Result;
using toolkit::support::file_exists;
using toolkit::support::read_file;
using toolkit::support::TempDir;

namespace {

struct Place {
  TempDir dir;
  std::unique_ptr<Store> store = store_at(dir / "root");
  FreeFlow flow;
  std::string memo;

  Result<void> put(const std::string& key, const std::string& bytes) {
    TextContent content(bytes);
    return store->put(target_of(key, bytes.size()), content, flow, memo);
  }
  // The content from 0 to `size`; the file has `offset` of it.
  Result<void> append(const std::string& key, std::uint64_t offset, const std::string& bytes) {
    TextContent content(bytes);
    return store->append(target_of(key, bytes.size()), offset, content, flow, memo);
  }
  std::string bytes(const std::string& key) const { return read_file(dir / "root/" + key); }
};

std::vector<std::string> names(Store& store, const std::string& directory = "") {
  const auto entries = store.list(directory);
  REQUIRE(entries);
  std::vector<std::string> result;
  for (const Entry& entry : *entries) {
    result.push_back(entry.name);
  }
  return result;
}

std::size_t drafts(const TempDir& dir) {
  const std::string command =
      "find '" + dir.path() + "' -name '.*.toolkit-*' | wc -l > '" + (dir / "count") + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  return static_cast<std::size_t>(std::stoul(read_file(dir / "count")));
}

}  // namespace

TEST_CASE("put makes the directories, and keeps bytes, time and mode") {
  Place place;
  REQUIRE(place.put("a/b/train.log", "hello"));
  CHECK(place.bytes("a/b/train.log") == "hello");
  const auto entry = place.store->stat("a/b/train.log");
  REQUIRE(entry);
  REQUIRE(*entry);
  CHECK((*entry)->kind == Kind::file);
  CHECK((*entry)->size == 5);
  CHECK((*entry)->mtime == 1'600'000'000'123'456'789);
  CHECK((*entry)->mode == 0640);
  CHECK((*entry)->name == "train.log");
  CHECK(drafts(place.dir) == 0);
  REQUIRE(place.put("a/b/train.log", ""));
  CHECK(place.bytes("a/b/train.log").empty());
}

TEST_CASE("put copies inside the kernel what has a descriptor") {
  Place place;
  const std::string big = letters((20 << 20) + 5);
  place.dir.write("source/big", big);
  const auto source = store_at(place.dir / "source");
  const auto content = source->open("big", false);
  REQUIRE(content);
  REQUIRE(place.store->put(target_of("big", big.size()), **content, place.flow, place.memo));
  CHECK(place.bytes("big") == big);
  CHECK(place.flow.passed == big.size());
  // And the first part of it only.
  REQUIRE(place.store->put(target_of("part", 9 << 20), **content, place.flow, place.memo));
  CHECK(place.bytes("part") == big.substr(0, 9 << 20));
}

TEST_CASE("an interrupted put goes on from where it was, in its draft") {
  Place place;
  const std::string big = letters(40 << 20);
  place.dir.write("source/big", big);
  const auto source = store_at(place.dir / "source");
  const auto content = source->open("big", false);
  REQUIRE(content);
  place.flow.limit = 17 << 20;  // two pieces of 8 MiB
  const auto cut =
      place.store->put(target_of("big", big.size()), **content, place.flow, place.memo);
  REQUIRE_FALSE(cut);
  CHECK(cut.error().kind == ErrorKind::interrupted);
  CHECK_FALSE(file_exists(place.dir / "root/big"));
  REQUIRE_FALSE(place.memo.empty());
  CHECK(names(*place.store).empty());  // a draft is no file yet

  place.flow.limit = ~std::size_t{0};
  SUBCASE("of the same content") {
    REQUIRE(place.store->put(target_of("big", big.size()), **content, place.flow, place.memo));
    CHECK(place.flow.passed == big.size());
  }
  SUBCASE("but not when the source has changed") {
    REQUIRE(source->set_time("big", 5));
    REQUIRE((*content)->stat());
    REQUIRE(place.store->put(target_of("big", big.size()), **content, place.flow, place.memo));
    CHECK(place.flow.passed == big.size() + (16 << 20));
  }
  CHECK(place.bytes("big") == big);
  CHECK(place.memo.empty());
  CHECK(drafts(place.dir) == 0);
}

TEST_CASE("a source that became shorter leaves what was there and is a conflict") {
  Place place;
  REQUIRE(place.put("x", "old"));
  TextContent content("12345");
  const auto result = place.store->put(target_of("x", 9), content, place.flow, place.memo);
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::conflict);
  CHECK(place.bytes("x") == "old");
  CHECK(drafts(place.dir) == 0);
}

TEST_CASE("many small files are all tried and all there") {
  Place place;
  std::vector<TextContent> texts;
  std::vector<Target> targets;
  for (int i = 0; i < 300; ++i) {
    texts.emplace_back("text " + std::to_string(i));
    targets.push_back(target_of("d" + std::to_string(i % 7) + "/" + std::to_string(i), 0));
    targets.back().size = texts.back().entry().size;
  }
  targets[5].key = "d1/" + std::string(300, 'n');
  targets[200].size = 100;  // more than there is
  REQUIRE(place.put("file", "in the way"));
  targets[250].key = "file/x";
  std::vector<Content*> contents;
  for (TextContent& text : texts) {
    contents.push_back(&text);
  }
  const auto results = place.store->put_many(targets, contents, place.flow);
  REQUIRE(results.size() == 300);
  for (std::size_t i = 0; i < 300; ++i) {
    CAPTURE(i);
    CHECK(results[i].has_value() == (i != 5 && i != 200 && i != 250));
    if (results[i]) {
      CHECK(place.bytes(targets[i].key) == "text " + std::to_string(i));
    }
  }
  CHECK(drafts(place.dir) == 0);
}

TEST_CASE("append grows a file in place, in the same inode") {
  Place place;
  REQUIRE(place.append("run/x.log", 0, "one\n"));
  const auto before = place.store->stat("run/x.log");
  REQUIRE(place.append("run/x.log", 4, "one\ntwo\n"));
  CHECK(place.bytes("run/x.log") == "one\ntwo\n");
  const auto after = place.store->stat("run/x.log");
  CHECK((*before)->identity == (*after)->identity);
  CHECK((*after)->mtime == 1'600'000'000'123'456'789);
  CHECK((*after)->mode == 0640);
  CHECK(place.flow.passed == 8);
  REQUIRE(place.append("empty", 0, ""));
  CHECK(place.bytes("empty").empty());
}

TEST_CASE("append writes nothing to a file that is not as long as it thinks") {
  Place place;
  REQUIRE(place.put("x", "12345"));
  for (const std::uint64_t offset : {0, 4, 6}) {
    CAPTURE(offset);
    const auto result = place.append("x", offset, "abcdefgh");
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::conflict);
    CHECK(place.bytes("x") == "12345");
  }
  const auto missing = place.append("none", 3, "abcdefgh");
  CHECK(missing.error().kind == ErrorKind::not_found);
  CHECK_FALSE(file_exists(place.dir / "root/none"));
}

TEST_CASE("an append that ends early leaves a true prefix") {
  Place place;
  const std::string big = letters(30 << 20);
  place.flow.limit = 10 << 20;
  const auto result = place.append("x", 0, big);
  CHECK(result.error().kind == ErrorKind::interrupted);
  CHECK(place.bytes("x") == big.substr(0, 8 << 20));
}

TEST_CASE("a limit on the size of files leaves a true prefix and says so") {
  Place place;
  const std::string big = letters(1 << 20);
  struct rlimit before {};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small { 100'000, before.rlim_max };
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto appended = place.append("a", 0, big);
  const auto put = place.put("p", big);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  REQUIRE_FALSE(appended);
  CHECK(appended.error().remedy.find("ulimit -f") != std::string::npos);
  CHECK(place.bytes("a") == big.substr(0, 100'000));
  CHECK(place.flow.wasted > 0);
  CHECK_FALSE(put);
  CHECK_FALSE(file_exists(place.dir / "root/p"));
  CHECK(drafts(place.dir) == 0);
  REQUIRE(place.append("a", 100'000, big));  // and goes on from there
  CHECK(place.bytes("a") == big);
}

TEST_CASE("no link below the root is followed when writing") {
  Place place;
  place.dir.write("outside/x", "precious");
  REQUIRE(place.put("real/file", "1"));
  REQUIRE(::symlink((place.dir / "outside").c_str(), (place.dir / "root/out").c_str()) == 0);
  REQUIRE(::symlink((place.dir / "outside/x").c_str(), (place.dir / "root/x").c_str()) == 0);
  for (const char* key : {"out/x", "out/new", "out/deep/er"}) {
    CAPTURE(key);
    CHECK(place.put(key, "evil").error().kind == ErrorKind::failed);
    CHECK(place.append(key, 0, "evil").error().kind == ErrorKind::failed);
    CHECK_FALSE(place.store->create_exclusively(key, "evil"));
    CHECK_FALSE(place.store->rename("real/file", key));
    (void)place.store->remove(key);
  }
  CHECK_FALSE(place.append("x", 8, "precious and more"));
  CHECK_FALSE(place.store->open("x", false));
  REQUIRE(place.put("x", "mine"));  // the link is replaced, and not what it leads to
  CHECK(place.bytes("x") == "mine");
  CHECK(read_file(place.dir / "outside/x") == "precious");
  CHECK_FALSE(file_exists(place.dir / "outside/new"));
}

TEST_CASE("links are followed for reading where asked, and never out of the root") {
  Place place;
  place.dir.write("outside/x", "secret");
  REQUIRE(place.put("..data/x", "in"));
  const std::string root = place.dir / "root";
  REQUIRE(::symlink("..data/x", (root + "/relative").c_str()) == 0);
  REQUIRE(::symlink((root + "/..data/x").c_str(), (root + "/absolute").c_str()) == 0);
  REQUIRE(::symlink("../outside/x", (root + "/climbs").c_str()) == 0);
  REQUIRE(::symlink((place.dir / "outside/x").c_str(), (root + "/leads").c_str()) == 0);
  REQUIRE(::symlink("/dev/zero", (root + "/zero").c_str()) == 0);
  REQUIRE(::symlink("nothing", (root + "/broken").c_str()) == 0);
  for (const char* inside : {"relative", "absolute"}) {
    CAPTURE(inside);
    const auto content = place.store->open(inside, true);
    REQUIRE(content);
    char bytes[8];
    CHECK(*(*content)->read(0, bytes) == 2);
  }
  for (const char* outside : {"climbs", "leads", "zero"}) {
    CAPTURE(outside);
    CHECK(place.store->open(outside, true).error().remedy.find("leads out") != std::string::npos);
  }
  CHECK(place.store->open("broken", true).error().kind == ErrorKind::not_found);
}

TEST_CASE("what is no regular file is not opened, and a FIFO's writer is left alone") {
  Place place;
  REQUIRE(place.store->make_directory("dir"));
  REQUIRE(::mkfifo((place.dir / "root/fifo").c_str(), 0600) == 0);
  for (const char* key : {"dir", "fifo", ""}) {
    CAPTURE(key);
    CHECK(place.store->open(key, false).error().kind == ErrorKind::failed);
  }
  CHECK_FALSE(place.append("fifo", 0, "x"));
  CHECK_FALSE(place.put("dir", "x"));
}

TEST_CASE("a listing is sorted by bytes and shows what things are") {
  Place place;
  REQUIRE(place.put("b", "22"));
  REQUIRE(place.put("a/x", "1"));
  REQUIRE(place.put("\xC3\xA9", "1"));
  REQUIRE(place.put("B", "1"));
  REQUIRE(::symlink("b", (place.dir / "root/link").c_str()) == 0);
  CHECK(names(*place.store) == std::vector<std::string>{"B", "a", "b", "link", "\xC3\xA9"});
  const auto entries = *place.store->list("");
  CHECK(entries[1].kind == Kind::directory);
  CHECK(entries[2].size == 2);
  CHECK(entries[3].kind == Kind::symlink);
  CHECK(place.store->list("none").error().kind == ErrorKind::not_found);
  CHECK_FALSE(place.store->list("b"));
  CHECK_FALSE(place.store->list("link"));
  CHECK(store_at(place.dir / "nowhere")->list("").error().kind == ErrorKind::not_found);
}

TEST_CASE("keys that could climb are refused") {
  Place place;
  place.dir.write("outside", "precious");
  for (const char* key : {"../outside", "a/../../outside", "/outside", "./x", "a//b", "a/"}) {
    CAPTURE(key);
    CHECK_FALSE(place.put(key, "evil"));
    CHECK_FALSE(place.store->remove(key));
    CHECK_FALSE(place.store->open(key, true));
  }
  CHECK(read_file(place.dir / "outside") == "precious");
}

TEST_CASE("of two that create or replace the same file one wins") {
  Place place;
  REQUIRE(place.store->create_exclusively("claim", "one"));
  CHECK(place.store->create_exclusively("claim", "two").error().kind == ErrorKind::conflict);
  CHECK(place.bytes("claim") == "one");
  REQUIRE(place.store->replace_if_same("claim", "one", "three"));
  CHECK(place.store->replace_if_same("claim", "one", "four").error().kind == ErrorKind::conflict);
  CHECK(place.bytes("claim") == "three");
  CHECK(place.store->replace_if_same("none", "", "x").error().kind == ErrorKind::conflict);
  CHECK_FALSE(file_exists(place.dir / "root/none"));
  REQUIRE(place.store->replace_if_same("claim", "three", ""));
  CHECK_FALSE(file_exists(place.dir / "root/claim"));
  CHECK(drafts(place.dir) == 0);
}

TEST_CASE("rename makes directories and goes over what is there; remove forgives") {
  Place place;
  REQUIRE(place.put("x.log", "1"));
  REQUIRE(place.put("old/x.log.1", "0"));
  REQUIRE(place.store->rename("x.log", "old/x.log.1"));
  CHECK(place.bytes("old/x.log.1") == "1");
  REQUIRE(place.store->rename("old/x.log.1", "new/dir/y"));
  CHECK(place.store->rename("none", "z").error().kind == ErrorKind::not_found);
  CHECK(place.store->remove("none"));
  CHECK(place.store->remove("none/x"));
  CHECK(place.store->remove("old"));
  CHECK_FALSE(place.store->remove("new"));  // not empty
  CHECK(place.store->remove("new/dir/y"));
  CHECK_FALSE(*place.store->stat("new/dir/y"));
  CHECK_FALSE(*place.store->stat("none/x/y"));
}

TEST_CASE("free space can be asked before the directory is there") {
  Place place;
  const auto room = place.store->free_space();
  REQUIRE(room);
  REQUIRE(*room);
  CHECK(**room > 0);
}
