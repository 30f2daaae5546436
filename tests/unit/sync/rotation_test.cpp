#include "src/sync/rotation.hpp"

#include <doctest/doctest.h>

#include <map>
#include <sstream>

using namespace toolkit;
using namespace toolkit::sync;

namespace {

// "x.log=1:100": the file number 1 with 100 bytes. Its content is "like" the record of the same
// letter: "x.log=1:100/a".
struct Known {
  std::string key;
  std::uint64_t number, size;
  std::string content;
};

Known known(const std::string& text) {
  const std::size_t equals = text.find('='), colon = text.find(':'), slash = text.find('/');
  return {text.substr(0, equals), std::stoull(text.substr(equals + 1)),
          std::stoull(text.substr(colon + 1)),
          slash == std::string::npos ? "" : text.substr(slash + 1)};
}

std::vector<Known> all(const std::string& text) {
  std::vector<Known> result;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    result.push_back(known(word));
  }
  return result;
}

struct Judged {
  Rotation rotation;
  std::string text;
  int asked = 0;
};

Judged judge(const std::string& before, const std::string& now) {
  std::vector<FileRecord> records;
  std::map<std::string, std::string> content_of_record, content_of_file;
  for (const Known& item : all(before)) {
    FileRecord record;
    record.key = item.key;
    record.identity = {1, item.number};
    record.proven = item.size;
    records.push_back(record);
    content_of_record[item.key] = item.content;
  }
  std::vector<Listed> listing;
  for (const Known& item : all(now)) {
    listing.push_back({item.key, {1, item.number}, item.size});
    content_of_file[item.key] = item.content;
  }
  Judged judged;
  const auto rotation = judge_rotation(
      records, listing, [&](const std::string& key, const FileRecord& record) -> Result<bool> {
        ++judged.asked;
        if (content_of_file[key] == "vanished") {
          return fail(ErrorKind::not_found, "gone");
        }
        return content_of_file[key] == content_of_record[record.key];
      });
  REQUIRE(rotation);
  judged.rotation = *rotation;
  for (const Rename& step : rotation->renames) {
    judged.text += step.from + (step.over ? "=>" : "->") + step.to + " ";
  }
  for (const auto& key : rotation->truncated) {
    judged.text += "truncated:" + key + " ";
  }
  for (const auto& key : rotation->replaced) {
    judged.text += "replaced:" + key + " ";
  }
  for (const auto& key : rotation->gone) {
    judged.text += "gone:" + key + " ";
  }
  return judged;
}

struct Case {
  const char *name, *before, *now, *expected;
};

}  // namespace

TEST_CASE("what has become of the files of a directory") {
  const Case cases[] = {
      {"nothing changed", "x=1:10/a y=2:5/b", "x=1:10/a y=2:5/b", ""},
      {"they grew", "x=1:10/a", "x=1:20/a", ""},
      {"unknown files are no business of ours", "", "x=1:10/a y=2:1/b", ""},
      {"renamed, and a new one", "x=1:10/a", "x=2:3/b x.1=1:12/a", "x->x.1 replaced:x "},
      {"renamed, and none yet", "x=1:10/a", "x.1=1:10/a", "x->x.1 gone:x "},
      {"a chain, moved from its end", "x=1:10/a x.1=2:9/b x.2=3:8/c",
       "x=4:1/d x.1=1:10/a x.2=2:9/b x.3=3:8/c",
       "x.2->x.3 x.1->x.2 x->x.1 replaced:x replaced:x.1 replaced:x.2 "},
      {"the oldest one was deleted: what is there of it is in the way",
       "x=1:10/a x.1=2:9/b x.2=3:8/c", "x=4:1/d x.1=1:10/a x.2=2:9/b",
       "x.1=>x.2 x->x.1 replaced:x replaced:x.1 replaced:x.2 "},
      {"twice between two looks", "x=1:10/a", "x=3:1/c x.1=2:7/b x.2=1:10/a", "x->x.2 replaced:x "},
      {"with the date as a suffix", "x=1:10/a", "x=2:0 x-20260101=1:10/a",
       "x->x-20260101 replaced:x "},
      {"an inode that was used again", "x=1:10/a", "x=2:3/b y=1:50/z", "replaced:x "},
      {"an inode that was used again for less", "x=1:10/a", "y=1:5/a", "gone:x "},
      {"deleted", "x=1:10/a y=2:5/b", "y=2:5/b", "gone:x "},
      {"truncated", "x=1:10/a", "x=1:3/b", "truncated:x "},
      {"copytruncate", "x=1:10/a", "x=1:3/b x.1=2:11/a", "x->x.1 truncated:x "},
      {"copytruncate with a chain", "x=1:10/a x.1=2:9/b", "x=1:0 x.1=3:10/a x.2=2:9/b",
       "x.1->x.2 x->x.1 truncated:x replaced:x.1 "},
      {"copytruncate, and the copy is another one", "x=1:10/a", "x=1:3/b x.1=2:11/c",
       "truncated:x "},
      {"two that changed places are sent anew", "x=1:10/a y=2:10/b", "x=2:10/b y=1:10/a",
       "replaced:x replaced:y "},
      {"a second name of the same file is no rename", "x=1:10/a y=1:10/a", "x=1:10/a y=1:10/a", ""},
      {"renamed to one of two hard links", "x=1:10/a", "y=1:10/a z=1:10/a", "x->y gone:x "},
      {"renamed again while we looked", "x=1:10/a", "x.1=1:10/vanished", "gone:x "},
      {"nothing was proven of it", "x=1:0/a", "x=2:1/b x.1=1:5/a", "replaced:x "},
  };
  for (const Case& one : cases) {
    CAPTURE(one.name);
    CHECK(judge(one.before, one.now).text == one.expected);
  }
}

TEST_CASE("nothing is opened while names and identities agree") {
  CHECK(judge("x=1:10/a y=2:5/b", "x=1:20/a y=2:5/b z=3:1/c").asked == 0);
  CHECK(judge("x=1:10/a", "x=2:3/b").asked == 0);
}

TEST_CASE("without identities nothing is taken for a rename") {
  FileRecord record;
  record.key = "x";
  record.proven = 10;
  const auto rotation = judge_rotation({record}, {{"y", {}, 10}},
                                       [](const std::string&, const FileRecord&) { return true; });
  REQUIRE(rotation);
  CHECK(rotation->renames.empty());
}

TEST_CASE("what cannot be read is an error") {
  FileRecord record;
  record.key = "x";
  record.identity = {1, 1};
  record.proven = 10;
  CHECK_FALSE(judge_rotation({record}, {{"y", {1, 1}, 10}},
                             [](const std::string&, const FileRecord&) -> Result<bool> {
                               return fail(ErrorKind::denied, "no");
                             }));
}
