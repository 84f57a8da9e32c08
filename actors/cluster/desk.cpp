#include "actors/cluster/desk.hpp"

#include <caf/exit_reason.hpp>
#include <caf/system_messages.hpp>

#include <utility>

namespace intd {

desk_state::~desk_state() {
  for (auto& [key, waiting] : lines_)
    waiting.refuse_all(
      {ec::unavailable, "the node's desk was ended; ask again"});
}

void desk_state::init(desk_options options, router_actor router,
                      cluster_actor cluster) {
  options_ = options;
  router_ = std::move(router);
  cluster_ = std::move(cluster);
  self_->set_exit_handler([this](const caf::exit_msg&) {
    drain();
  });
}

desk_actor::behavior_type desk_state::make_behavior() {
  return {
    [this](reserve_atom, std::string& key, int64_t count) {
      return reserve(key, count);
    },
    [this](last_atom, std::string& key) {
      return last(key);
    },
    [this](ping_atom x, node_report& report) {
      return pass<node_report>(x, std::move(report));
    },
    [this](claim_atom x, node_report& report) {
      return pass<caf::ok_atom>(x, std::move(report));
    },
    [this](split_atom x, split_request& wanted) {
      return pass<sent_gift>(x, std::move(wanted));
    },
    [this](hand_atom x, sent_gift& given) {
      return pass<caf::ok_atom>(x, std::move(given));
    },
    [this](adopt_atom x, std::set<std::string>& dead,
           std::vector<testimony>& theirs) {
      return pass<caf::ok_atom>(x, std::move(dead), std::move(theirs));
    },
    [this](flush_atom) {
      flush();
    },
  };
}

caf::result<reserved> desk_state::reserve(std::string& key, int64_t count) {
  if (auto reason = refusal(key, count); reason.code != ec::none)
    return to_caf(reason);
  ++waiting_;
  auto& mine = lines_[key];
  auto first = mine.size() == 0;
  // The router keeps the deadline.
  mine.add(count, self_->make_response_promise<reserved>(),
           line::time_point::max());
  if (first) {
    // Whatever is in the mailbox already joins; a lone request leaves at once.
    if (gathered_.empty())
      self_->send(self_, flush_atom_v);
    gathered_.push_back(std::move(key));
  }
  return caf::delegated<reserved>{}; // By the promise.
}

error desk_state::refusal(const std::string& key, int64_t count) const {
  if (draining_)
    return {ec::draining, "this node is stopping; ask another one"};
  if (!valid_key(key))
    return {ec::invalid_key, "found \"" + key.substr(0, max_key_size) + "\""};
  if (count < 1 || count > options_.count_max)
    return {ec::invalid_count,
            "asked for " + std::to_string(count) + ", expected 1 to "
              + std::to_string(options_.count_max)};
  if (waiting_ >= options_.waiting_max)
    return {ec::overloaded, std::to_string(waiting_) + " requests wait"};
  return {};
}

caf::result<int64_t> desk_state::last(std::string& key) {
  if (!valid_key(key))
    return to_caf(
      {ec::invalid_key, "found \"" + key.substr(0, max_key_size) + "\""});
  return self_->delegate(router_, last_atom_v, std::move(key));
}

template <class Answer, class... Ts>
caf::result<Answer> desk_state::pass(Ts&&... xs) {
  if (!cluster_)
    return to_caf({ec::unavailable, "this node is in no cluster"});
  return self_->delegate(cluster_, std::forward<Ts>(xs)...);
}

void desk_state::flush() {
  for (const auto& key : std::exchange(gathered_, {}))
    ask(key);
}

// The router answers before its own deadline; hence no timeout here.
void desk_state::ask(const std::string& key) {
  auto found = lines_.find(key);
  if (found == lines_.end())
    return;
  auto count = found->second.ask(max_count);
  if (count == 0) {
    if (found->second.size() == 0)
      lines_.erase(found);
    return;
  }
  self_->request(router_, caf::infinite, reserve_atom_v, key, count)
    .then(
      [this, key](const reserved& given) {
        answered(key, given);
      },
      [this, key](const caf::error& reason) {
        refused(key, reason);
      });
}

void desk_state::answered(const std::string& key, const reserved& given) {
  auto& mine = lines_.at(key);
  auto before = mine.size();
  mine.give(given.runs);
  waiting_ -= before - mine.size();
  ask(key);
  drain_further();
}

void desk_state::refused(const std::string& key, const caf::error& reason) {
  auto& mine = lines_.at(key);
  auto before = mine.size();
  mine.refuse(from_caf(reason));
  waiting_ -= before - mine.size();
  ask(key);
  drain_further();
}

void desk_state::drain() {
  draining_ = true;
  drain_further();
}

void desk_state::drain_further() {
  if (draining_ && waiting_ == 0)
    self_->quit(caf::exit_reason::user_shutdown);
}

desk_actor::behavior_type desk(desk_state::pointer self, desk_options options,
                               router_actor router, cluster_actor cluster) {
  self->state.init(options, std::move(router), std::move(cluster));
  return self->state.make_behavior();
}

} // namespace intd
