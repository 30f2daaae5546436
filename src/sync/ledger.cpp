#include "ledger.hpp"

#include <toolkit/base/log.hpp>

#include <fmt/core.h>

namespace toolkit::sync {
namespace {

FileRecord record_of(const std::string& key, const store::Entry& now) {
  FileRecord record;
  record.key = key;
  record.identity = now.identity;
  record.mtime = now.mtime;
  return record;
}

}  // namespace

// One for one pair of places, so that it can be found again.
std::string journal_path(const std::string& directory, const std::vector<store::Location>& sources,
                         const store::Location& destination) {
  std::string all;
  for (const store::Location& source : sources) {
    all += source.text + '\0';
  }
  const Hash hash = hash_of(all + '\0' + destination.text);
  return fmt::format("{}/{:016x}{:016x}", directory, hash.high, hash.low);
}

void Ledger::open(const std::string& directory, const std::vector<store::Location>& sources,
                  const store::Location& destination, bool dry) {
  if (!directory.empty()) {
    const std::string path = journal_path(directory, sources, destination) + ".journal";
    take(dry ? Journal::read(path) : Journal::open(path), "without a journal");
  }
  if (!journal_) {
    take(Journal::in_memory(), "nothing is remembered");
  }
}

void Ledger::take(Result<std::unique_ptr<Journal>> journal, const char* without) {
  if (!journal) {
    log_debug("{}: {}", without, journal.error().message);
    return;
  }
  journal_ = std::move(*journal);
  if (const JournalDamage& damage = journal_->damage(); damage.corrupt_records > 0) {
    log_warn("{} damaged records of the journal are left out; what they said is proven anew",
             damage.corrupt_records);
  }
}

Result<bool> Ledger::proves(const std::string& key, store::Content& content,
                            std::uint64_t length) const {
  const auto record = journal_ ? journal_->find(key) : std::nullopt;
  if (!record || record->proven != length || record->identity != content.entry().identity) {
    return false;
  }
  if (record->marker.length < length) {  // else the head is in it
    TRY_ASSIGN(const bool same_head, has_head(content, record->head));
    if (!same_head) {
      return false;
    }
  }
  return has_marker(content, length, record->marker);
}

bool Ledger::was_sent(const std::string& key, const store::Entry& source,
                      const std::optional<store::Entry>& there) const {
  const auto record = journal_ && there ? journal_->find(key) : std::nullopt;
  return record && record->identity == source.identity && record->proven == source.size &&
         record->mtime == source.mtime && there->size == source.size;
}

void Ledger::sent(const std::string& key, store::Content& content, const store::Entry& now,
                  const std::string& memo) {
  if (!journal_) {
    return;
  }
  FileRecord record = record_of(key, now);
  record.proven = now.size;
  record.memo = memo;
  const std::optional<Window> head = head_of(content, now.size).value_or(std::nullopt);
  const std::optional<Window> marker =
      now.size <= kHeadLength ? head : marker_before(content, now.size).value_or(std::nullopt);
  if (head && marker) {
    record.head = *head;
    record.marker = *marker;
    journal_->record(record);
  } else {
    journal_->forget(key);
  }
}

void Ledger::forget(const std::string& key) {
  if (journal_) {
    journal_->forget(key);
  }
}

std::string Ledger::memo(const std::string& key, const store::Entry& now) const {
  const auto record = journal_ ? journal_->find(key) : std::nullopt;
  return record && record->identity == now.identity ? record->memo : "";
}

void Ledger::cut_off(const std::string& key, const store::Entry& now, const std::string& memo) {
  if (!journal_ || memo.empty()) {
    return;
  }
  auto known = journal_->find(key);
  FileRecord record =
      known && known->identity == now.identity ? std::move(*known) : record_of(key, now);
  record.memo = memo;
  journal_->record(record);
  flush();  // it is of use only if it outlives us
}

std::vector<FileRecord> Ledger::in_directory(const std::string& directory) const {
  return journal_ ? journal_->in_directory(directory) : std::vector<FileRecord>();
}

void Ledger::renamed(const std::string& from, const std::string& to) {
  auto record = journal_ ? journal_->find(from) : std::nullopt;
  if (record) {
    journal_->forget(from);
    record->key = to;
    journal_->record(*record);
  }
}

void Ledger::flush() {
  if (journal_) {
    if (const auto flushed = journal_->flush(); !flushed) {
      log_debug("the journal: {}", flushed.error().message);
    }
  }
}

}  // namespace toolkit::sync
