#include "actors/cluster/membership.hpp"

#include <algorithm>
#include <utility>

namespace intd {

namespace {

bool mints(const node_report& x) {
  return std::any_of(x.stripes.begin(), x.stripes.end(), [](const auto& its) {
    return its.healthy;
  });
}

} // namespace

bool gives_way(const node_report& x, const node_report& twin) {
  return mints(x) == mints(twin) ? x.boot > twin.boot : mints(twin);
}

membership::membership(membership_options options) : options_{options} {
}

void membership::set_own(const std::string& address) {
  own_address_ = address;
  std::erase_if(contacts_, [&address](const contact& x) {
    return x.address == address && !x.configured && !x.dialing;
  });
}

void membership::meet(const std::string& address, bool configured) {
  if (address.empty() || (address == own_address_ && !configured))
    return;
  if (auto* known = find_contact(address)) {
    known->configured = known->configured || configured;
    return;
  }
  if (contacts_.size() >= contacts_max)
    return;
  contact x{backoff{options_.dial_min, options_.dial_max,
                    options_.seed + contacts_.size()}};
  x.address = address;
  x.configured = configured;
  x.reason = "not reached yet";
  contacts_.push_back(std::move(x));
}

std::vector<membership::contact*> membership::due(time_point now) {
  std::vector<contact*> all;
  for (auto& x : contacts_)
    if (!x.handle && !x.dialing && now >= x.dial_at) {
      x.dialing = true;
      all.push_back(&x);
    }
  return all;
}

void membership::reached(contact& x, node_actor handle) {
  x.dialing = false;
  x.handle = std::move(handle);
  x.pinged.reset();
  x.reason.clear();
}

void membership::missed(contact& x, const std::string& reason, time_point now) {
  x.dialing = false;
  x.handle = nullptr;
  x.pinged.reset();
  x.reason = reason;
  x.dial_at = now + x.pause.next();
}

membership::verdict membership::hear(const node_report& report,
                                     time_point now) {
  auto& x = members_[report.id];
  const bool another = x.report.boot != report.boot;
  const bool stays = x.alive
    && now <= x.heard + options_.suspect_after
    // Who was heard last may be the copy.
    && !(mints(report) && gives_way(x.report, report));
  if (another && stays)
    return verdict::twin;
  if (another)
    x.marks_heard = 0;
  if (x.label.empty())
    x.label = label_of(report);
  x.marks_heard = std::max(x.marks_heard, report.marks_told);
  x.report = report;
  x.heard = now;
  x.alive = true;
  x.reason.clear();
  meet(report.address, false);
  for (const auto& address : report.peers)
    meet(address, false);
  return verdict::welcome;
}

std::vector<membership::member*> membership::silent(time_point now) {
  std::vector<member*> all;
  for (auto& [id, x] : members_)
    if (x.alive && now > x.heard + options_.suspect_after)
      all.push_back(&x);
  return all;
}

void membership::lost(member& x, const std::string& reason) {
  x.alive = false;
  x.reason = reason;
}

membership::contact* membership::find_contact(const std::string& address) {
  for (auto& x : contacts_)
    if (x.address == address)
      return &x;
  return nullptr;
}

membership::member* membership::find_member(const std::string& who) {
  if (auto i = members_.find(who); i != members_.end())
    return &i->second;
  member* found = nullptr;
  for (auto& [id, x] : members_)
    if (!who.empty() && x.report.name == who) {
      if (found != nullptr)
        return nullptr;
      found = &x;
    }
  return found;
}

node_actor membership::reach(const std::string& id) const {
  for (const auto& x : contacts_)
    if (x.id == id && x.handle)
      return x.handle;
  return {};
}

std::string membership::label_of(const node_report& report) const {
  if (report.name.empty())
    return report.id;
  for (const auto& [id, x] : members_)
    if (id != report.id && x.label == report.name)
      return report.id;
  return report.name;
}

} // namespace intd
