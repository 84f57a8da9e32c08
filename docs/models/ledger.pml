/*
 * The ledger of a node, the process above it, and what is done with them.
 */
#define NOBODY 0
#define name(n) ((n) + 1)

typedef stripe {
  byte set;              /* 0: none */
  byte epoch;
  byte floor             /* whoever gets it mints above */
};

typedef claim {
  byte epoch;
  byte holder;           /* a name */
  byte mark              /* how far that one went, as far as was heard */
};

/* What is durable. */
typedef ledger {
  stripe own;            /* nothing above own.floor was given by this node */
  byte heir;             /* whom it leaves its stripe to; minting ended */
  stripe spare;          /* kept for the next that asks; nobody mints it */
  byte pending;          /* its own request */
  stripe gift[ASKS];     /* what it answered each request with */
  claim known[Q]         /* of each residue, the highest epoch heard of */
};

/* What is lost when the process ends; what arrives is a part of it. */
typedef process {
  bool ready;            /* else it is down, or starts and asks witnesses */
  byte heard;            /* once restored and since it started, a bit a node */
  byte giver, request;   /* a gift arrives: whose, and for which request */
  stripe gift;
  byte leaver;           /* a hand-over arrives: whose */
  stripe hand;
  byte owes;             /* BREAK_SPLIT_ORDER: what it answered already */
  byte learned           /* BREAK_STOP: 1 + the floor that it will record */
};

ledger at[ROWS];
process on[N];
bool restored[N];        /* an operator said so, until it heard everybody */

/* What may still happen. */
byte drawn, leaves = LEAVES, restores = RESTORES, adopts = ADOPTS;
bool copied;
byte asker[ASKS];        /* a name */

/* What the assertions see. */
short given;             /* the integers given, a bit each */
bool unheard[N];         /* it minted since a peer heard of it */
bool met;                /* DEAD met a node that knows, where WRONG */
bool cost[N * ASKS];     /* this node gave a stripe away for this request */

hidden byte i, q, v, keep;
hidden stripe new;
hidden byte bad;

#define has(some, q) ((some) & (1 << (q)))
#define greater(x, y) ((x) > (y) -> (x) : (y))
#define minting(n) (on[n].ready && at[n].own.set && !at[n].heir \
                    && !on[n].owes)
#define can_split(some) ((some) & ((some) - 1))
#define can_give(n) \
  (at[n].spare.set || (can_split(at[n].own.set) && !at[n].heir))
#define recorded(n, m) at[n].gift[at[m].pending - 1]

/* No d_step may end with a loop: this ends it. */
inline done() {
  q = 0
}

inline put(to, some, at_epoch, at_floor) {
  to.set = some; to.epoch = at_epoch; to.floor = at_floor
}

/* n notes that somebody holds the residues of a set, unless it knows better. */
inline know(n, some, at_epoch, who, at_mark) {
  for (q : 0 .. Q - 1) {
    if
    :: has(some, q) && at_epoch > at[n].known[q].epoch ->
       at[n].known[q].epoch = at_epoch;
       at[n].known[q].holder = who;
       at[n].known[q].mark = (befallen(who - 1) -> at_mark : 0)
    :: has(some, q) && at_epoch == at[n].known[q].epoch &&
       who == at[n].known[q].holder && befallen(who - 1) &&
       at_mark > at[n].known[q].mark ->
       at[n].known[q].mark = at_mark
    :: else
    fi
  };
  done()
}

/* bad: by what n knows, somebody else holds a part of a set. */
inline look_for_others(n, some, at_epoch) {
  bad = false;
  for (q : 0 .. Q - 1) {
    if
    :: has(some, q) && (at[n].known[q].epoch > at_epoch ||
       (at[n].known[q].epoch == at_epoch &&
           at[n].known[q].holder != name(n))) -> bad = true
    :: else
    fi
  };
  done()
}

/* n refuses to mint: what it has is not its own any more. It may ask anew. */
inline refuse(n) {
  landmark(RESTORED_REFUSED + 100 * !restored[n]);
  landmark(DEAD_REFUSED + 100 * !(n == DEAD && adopts < ADOPTS));
  put(at[n].own, 0, 0, 0);
  at[n].heir = NOBODY
}

/* new: what n gives away; keep: what stays of its own. A spare goes first; of
 * (o, i) it keeps (o, 2i) and gives (o+i, 2i). */
inline part(n) {
  keep = at[n].own.set;
  if
  :: at[n].spare.set ->
     put(new, at[n].spare.set, at[n].spare.epoch + 1, at[n].spare.floor)
  :: else ->
     if
     :: (keep & 5) && (keep & 10) -> keep = keep & 5
     :: else -> keep = keep & 3
     fi;
     put(new, at[n].own.set & ~keep, at[n].own.epoch + 1, at[n].own.floor)
  fi
}

inline record(n, m) {
  if
  :: at[n].spare.set -> put(at[n].spare, 0, 0, 0)
  :: else ->
     put(at[n].own, keep, new.epoch, new.floor);
     know(n, keep, new.epoch, name(n), new.floor)
  fi;
  put(recorded(n, m), new.set, new.epoch, new.floor);
  know(n, new.set, new.epoch, name(m), new.floor)
}

inline send_gift(n, m, what) {
  on[m].giver = name(n);
  on[m].request = at[m].pending;
  put(on[m].gift, what.set, what.epoch, what.floor)
}

inline drop_gift(n) {
  on[n].giver = NOBODY; on[n].request = 0; put(on[n].gift, 0, 0, 0)
}

inline drop_hand(n) {
  on[n].leaver = NOBODY; put(on[n].hand, 0, 0, 0)
}

inline check_holdings(n) {
  look_for_others(n, at[n].spare.set, at[n].spare.epoch);
  if
  :: bad -> put(at[n].spare, 0, 0, 0)
  :: else
  fi;
  look_for_others(n, at[n].own.set, at[n].own.epoch);
  if
  :: bad && at[n].own.set -> refuse(n)
  :: else
  fi
}

inline learn_holdings(n, m) {
  know(n, at[m].own.set, at[m].own.epoch, name(m), at[m].own.floor);
  know(n, at[m].spare.set, at[m].spare.epoch, name(m), at[m].spare.floor);
  for (i : 0 .. ASKS - 1) {
    know(n, at[m].gift[i].set, at[m].gift[i].epoch, asker[i],
         at[m].gift[i].floor)
  };
  done()
}

/* n mints above what others heard of it on its stripe. */
inline raise_to_testimony(n) {
#ifndef BREAK_RAISE
  for (i : 0 .. Q - 1) {
    if
    :: has(at[n].own.set, i) && at[n].known[i].holder == name(n) &&
       at[n].known[i].mark > at[n].own.floor ->
       landmark(RESTORED_RAISED + 100 * !restored[n]);
       at[n].own.floor = at[n].known[i].mark
    :: else
    fi
  };
#endif
  done()
}

inline learn_known(n, m) {
  for (i : 0 .. Q - 1) {
    know(n, (1 << i), at[m].known[i].epoch, at[m].known[i].holder,
         at[m].known[i].mark)
  };
  done()
}

/* A witness says what it knows: is the ledger of n an old one? */
inline learn_testimony(n, m) {
  bad = false;
  for (i : 0 .. Q - 1) {
    if
    :: at[m].known[i].holder == name(n) &&
       at[m].known[i].epoch > at[n].known[i].epoch -> bad = true
    :: else
    fi
  }
  learn_known(n, m);
  if
  :: bad -> at[n].pending = 0; refuse(n)
  :: else
  fi;
  raise_to_testimony(n)
}

inline note_meeting(n, m) {
  for (q : 0 .. Q - 1) {
    met = met || (meets(n) && has(at[n].own.set, q) &&
                  at[m].known[q].epoch > at[n].own.epoch)
  };
  done()
}

inline copy(from, to) {
  put(at[to].own, at[from].own.set, at[from].own.epoch, at[from].own.floor);
  put(at[to].spare, at[from].spare.set, at[from].spare.epoch,
      at[from].spare.floor);
  at[to].heir = at[from].heir;
  at[to].pending = at[from].pending;
  for (i : 0 .. ASKS - 1) {
    put(at[to].gift[i], at[from].gift[i].set, at[from].gift[i].epoch,
        at[from].gift[i].floor)
  }
  for (i : 0 .. Q - 1) {
    at[to].known[i].epoch = at[from].known[i].epoch;
    at[to].known[i].holder = at[from].known[i].holder;
    at[to].known[i].mark = at[from].known[i].mark
  };
  done()
}

