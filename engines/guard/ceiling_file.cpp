#include "engines/guard/ceiling_file.hpp"

#include "engines/assert.hpp"
#include "engines/checksum.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <tuple>
#include <utility>

namespace intd {

namespace fs = std::filesystem;

namespace {

constexpr size_t sector = 512;
constexpr size_t first_capacity = 64;
constexpr size_t max_name_size = 64;
constexpr size_t max_identity_size = 128;
constexpr char header_magic[8] = {'i', 'n', 't', 'd', 'c', 'e', 'i', '1'};
constexpr char slot_magic[8] = {'i', 'n', 't', 'd', 's', 'l', 'o', '1'};

struct header {
  char magic[8];
  char node_id[32];
  char name[max_name_size];
  char identity[max_identity_size];
  int64_t offset;
  int64_t increment;
  uint64_t capacity;
  uint64_t opened;
  uint64_t closed;
  char rest[sector - 8 - 32 - max_name_size - max_identity_size - 5 * 8 - 4];
  uint32_t crc;
};

struct slot {
  char magic[8];
  uint64_t number;
  uint64_t used;
  char key[max_key_size];
  int64_t offset;
  int64_t increment;
  int64_t highest;
  char rest[sector - 8 - 2 * 8 - max_key_size - 3 * 8 - 4];
  uint32_t crc;
};

static_assert(sizeof(header) == sector && sizeof(slot) == sector);

template <class Record>
std::string seal(Record x) {
  x.crc = checksum(&x, sector - sizeof x.crc);
  return {reinterpret_cast<const char*>(&x), sector};
}

// Reads the record at a sector, or nothing where it is cut or damaged.
template <class Record>
std::optional<Record> unseal(std::string_view bytes, size_t number,
                             std::string_view magic) {
  if (bytes.size() < (number + 1) * sector)
    return std::nullopt;
  Record x{};
  std::memcpy(&x, bytes.data() + number * sector, sector);
  if (std::string_view{x.magic, sizeof x.magic} != magic
      || x.crc != checksum(&x, sector - sizeof x.crc))
    return std::nullopt;
  return x;
}

template <size_t Size>
std::string text_of(const char (&field)[Size]) {
  return {field, strnlen(field, Size)};
}

bool valid_name(const std::string& name) {
  return !name.empty() && name.size() <= max_name_size
    && std::all_of(name.begin(), name.end(), [](char c) {
         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '_' || c == '-';
       });
}

} // namespace

result<std::unique_ptr<ceiling_file>>
ceiling_file::open(std::shared_ptr<state_directory> state,
                   const std::string& name, const stripe& x) {
  INTD_ASSERT(state != nullptr && valid(x));
  if (!valid_name(name))
    return fail(ec::invalid_key,
                "a guard's name is 1 to 64 letters, digits, "
                "_ or -");
  std::unique_ptr<ceiling_file> file{new ceiling_file};
  file->path_ = state->path() / (name + ".ceilings");
  file->marks_path_ = state->path() / (name + ".marks");
  file->state_ = std::move(state);
  file->name_ = name;
  file->stripe_ = x;
  if (std::error_code failure; !fs::exists(file->path_, failure) && !failure)
    if (auto done = file->create(); !done)
      return tl::unexpected{std::move(done.error())};
  auto done = file->load().and_then([&file, &x]() -> result<void> {
    if (!overlap(file->stripe_, x))
      return fail(ec::wrong_owner,
                  file->path_.string() + " belongs to the stripe "
                    + to_string(file->stripe_) + ", which shares no integer "
                    + "with " + to_string(x)
                    + "; correct the stripe or the state directory");
    file->stripe_ = x;
    return file->take_over();
  });
  if (!done)
    return tl::unexpected{std::move(done.error())};
  return file;
}

// The file is put in place whole, and only then is the guard known: so a file
// that is missing where the guard is known was removed.
result<void> ceiling_file::create() {
  std::error_code failure;
  if (state_->knows_guard(name_) || fs::exists(marks_path_, failure))
    return fail(ec::corrupt,
                path_.string() + " is missing" + std::string{begin_anew});
  capacity_ = first_capacity;
  return publish(path_, header_bytes() + slot_bytes(0, capacity_),
                 in_place::keep);
}

result<void> ceiling_file::load() {
  auto fd = open_file(path_, O_RDWR);
  if (!fd)
    return tl::unexpected{std::move(fd.error())};
  fd_ = std::move(*fd);
  const auto locked = try_lock(fd_, path_);
  if (!locked)
    return tl::unexpected{locked.error()};
  if (!*locked)
    return fail(ec::in_use,
                path_.string()
                  + " is open already; give each engine of a node "
                    "its own name");
  const auto bytes = read_all(fd_, path_);
  if (!bytes)
    return tl::unexpected{bytes.error()};
  return read_header(*bytes)
    .and_then([this, &bytes] {
      return read_slots(*bytes);
    })
    .and_then([this] {
      return state_->add_guard(name_);
    });
}

result<void> ceiling_file::read_header(std::string_view bytes) {
  const auto x = unseal<header>(bytes, 0, {header_magic, sizeof header_magic});
  if (!x)
    return damaged("its header");
  if (text_of(x->node_id) != state_->node_id() || text_of(x->name) != name_)
    return fail(ec::wrong_owner,
                path_.string()
                  + " is the file of another node or guard; put "
                    "the files back where they belong");
  stripe_ = {x->offset, x->increment};
  if (!valid(stripe_) || x->capacity < 1 || x->capacity > max_slots)
    return damaged("its header");
  if (bytes.size() < (1 + x->capacity) * sector)
    return damaged("it is cut off");
  identity_ = text_of(x->identity);
  capacity_ = x->capacity;
  opened_ = x->opened;
  closed_ = x->closed != 0;
  return {};
}

result<void> ceiling_file::read_slots(std::string_view bytes) {
  std::set<std::tuple<std::string, int64_t, int64_t>> seen;
  for (size_t i = 0; i < capacity_; ++i) {
    const auto x = unseal<slot>(bytes, i + 1, {slot_magic, sizeof slot_magic});
    if (!x || x->number != i || x->used > 1)
      return damaged("slot " + std::to_string(i));
    if (x->used == 0)
      continue;
    ceiling found{
      text_of(x->key), {x->offset, x->increment}, x->highest, x->highest};
    if (slots_.size() != i || !valid_key(found.key) || !valid(found.stripe)
        || found.highest < 0
        || !seen.emplace(found.key, x->offset, x->increment).second)
      return damaged("slot " + std::to_string(i));
    slots_.push_back(std::move(found));
  }
  return {};
}

// A file that was closed holds the exact integers itself.
void ceiling_file::read_marks() {
  if (closed_)
    return;
  const auto marks = mark_file::read(marks_path_, origin(), capacity_);
  for (size_t i = 0; i < slots_.size(); ++i) {
    const auto mark = marks ? (*marks)[i] : std::nullopt;
    if (mark && *mark <= slots_[i].highest)
      slots_[i].last = *mark;
    else
      exact_ = false;
  }
}

// The new marks are in place before the header counts this opening, so that
// death between the two loses nothing.
result<void> ceiling_file::take_over() {
  read_marks();
  std::vector<int64_t> lasts(capacity_, 0);
  std::transform(slots_.begin(), slots_.end(), lasts.begin(),
                 [](const ceiling& x) {
                   return x.last;
                 });
  ++opened_;
  closed_ = false;
  auto marks = mark_file::create(marks_path_, origin(), lasts);
  if (!marks)
    return tl::unexpected{std::move(marks.error())};
  marks_ = std::move(*marks);
  return write(header_bytes() + slot_bytes(0, capacity_), 0);
}

result<void> ceiling_file::set_identity(const std::string& identity) {
  if (identity.size() > max_identity_size)
    return fail(ec::corrupt,
                "the store's identity is longer than "
                  + std::to_string(max_identity_size) + " bytes");
  identity_ = identity;
  return write(header_bytes(), 0);
}

result<size_t> ceiling_file::add(const std::string& key, const stripe& x,
                                 int64_t highest) {
  INTD_ASSERT(valid_key(key) && valid(x) && highest >= 0);
  if (slots_.size() == capacity_)
    if (auto done = grow(); !done)
      return tl::unexpected{std::move(done.error())};
  const size_t number = slots_.size();
  slots_.push_back({key, x, highest, 0});
  if (auto done = write(slot_bytes(number, number + 1), (number + 1) * sector);
      !done)
    return tl::unexpected{std::move(done.error())};
  return number;
}

result<void> ceiling_file::raise(size_t number, int64_t highest) {
  INTD_ASSERT(number < slots_.size() && highest >= slots_[number].highest);
  slots_[number].highest = highest;
  return write(slot_bytes(number, number + 1), (number + 1) * sector);
}

result<void> ceiling_file::close() {
  if (fault_)
    return tl::unexpected{*fault_};
  for (size_t i = 0; i < slots_.size(); ++i)
    slots_[i].highest = marks_.get(i);
  closed_ = true;
  auto done = write(header_bytes() + slot_bytes(0, slots_.size()), 0);
  fault_ = error{ec::unavailable, path_.string() + " was closed"};
  return done;
}

// The new slots are durable before the header counts them, and the marks are
// wide enough before that, too.
result<void> ceiling_file::grow() {
  if (fault_)
    return tl::unexpected{*fault_};
  if (capacity_ * 2 > max_slots)
    return fail(ec::invalid_key,
                path_.string()
                  + " is full: a node keeps at "
                    "most "
                  + std::to_string(max_slots) + " keys and stripes");
  const size_t wider = capacity_ * 2;
  std::vector<int64_t> lasts(wider, 0);
  for (size_t i = 0; i < slots_.size(); ++i)
    lasts[i] = marks_.get(i);
  auto done = preallocate(fd_, (1 + wider) * sector, path_);
  if (!done)
    return done;
  if (done = write(slot_bytes(capacity_, wider), (1 + capacity_) * sector);
      !done)
    return done;
  auto marks = mark_file::create(marks_path_, origin(), lasts);
  if (!marks)
    return tl::unexpected{std::move(marks.error())};
  marks_ = std::move(*marks);
  capacity_ = wider;
  return write(header_bytes(), 0);
}

result<void> ceiling_file::write(std::string_view bytes, size_t offset) {
  if (fault_)
    return tl::unexpected{*fault_};
  auto done = write_at(fd_, bytes, offset, path_).and_then([this] {
    return sync(fd_, path_);
  });
  if (!done)
    fault_ = done.error();
  return done;
}

std::string ceiling_file::header_bytes() const {
  header x{};
  std::memcpy(x.magic, header_magic, sizeof x.magic);
  state_->node_id().copy(x.node_id, sizeof x.node_id);
  name_.copy(x.name, sizeof x.name);
  identity_.copy(x.identity, sizeof x.identity);
  x.offset = stripe_.offset;
  x.increment = stripe_.increment;
  x.capacity = capacity_;
  x.opened = opened_;
  x.closed = closed_ ? 1 : 0;
  return seal(x);
}

std::string ceiling_file::slot_bytes(size_t from, size_t to) const {
  std::string bytes;
  bytes.reserve((to - from) * sector);
  for (size_t i = from; i < to; ++i) {
    slot x{};
    std::memcpy(x.magic, slot_magic, sizeof x.magic);
    x.number = i;
    if (i < slots_.size()) {
      x.used = 1;
      slots_[i].key.copy(x.key, sizeof x.key);
      x.offset = slots_[i].stripe.offset;
      x.increment = slots_[i].stripe.increment;
      x.highest = slots_[i].highest;
    }
    bytes += seal(x);
  }
  return bytes;
}

mark_origin ceiling_file::origin() const {
  return {state_->node_id(), boot_id(), opened_};
}

tl::unexpected<error> ceiling_file::damaged(std::string_view what) const {
  return fail(ec::corrupt,
              path_.string() + " is damaged (" + std::string{what} + ")"
                + std::string{begin_anew});
}

} // namespace intd
