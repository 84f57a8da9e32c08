/*
 * Who may mint what: split, leave, adopt, crash, restore, lost messages.
 * README.md beside this says what is modelled, what is not, and how to run it.
 *
 * Integers are 1 to MAX; a stripe is a set of residues modulo 4, a bit each.
 * A step is one durable write, or one message that arrives. What may cross the
 * network late waits in a slot at its receiver; it never arrives where the
 * slot is filled anew, or its process ends.
 */
#include "settings.pml"
#include "ledger.pml"

/* What a node does by itself. */
proctype node(byte n) {
  do
  /* It mints the next integer of its stripe. */
  :: d_step {
       minting(n) && at[n].own.floor < MAX ->
       v = at[n].own.floor + 1;
       do
       :: v <= MAX && !has(at[n].own.set, v % Q) -> v++
       :: else -> break
       od;
       if
       :: v > MAX -> at[n].own.floor = MAX
       :: else ->
#ifdef WRONG
          assert(n != DEAD || !met);
#else
          assert(!(given & (1 << v)));
          for (i : 0 .. N - 1) {
            assert(i == n || !minting(i) ||
                   !(at[i].own.set & at[n].own.set))
          }
#endif
          given = given | (1 << v);
          unheard[n] = befallen(n);
          at[n].own.floor = v;
          landmark(SPLIT_MINTED + 100 * (n == 0));
          landmark(SPARE_MINTED + 100 * !(n && at[n].own.set == 15));
          landmark(LEFT_AND_BACK + 100 * !(n == 0 && leaves < LEAVES));
          landmark(RESTORED_MINTS + 100 * !(n == RESTORED &&
                   restores < RESTORES && on[n].heard));
          landmark(ADOPTED_MINTED + 100 * !(adopts < ADOPTS && n != DEAD &&
                   at[n].own.epoch > OUTBID))
       fi
     }
  /* It draws a request for a stripe. */
  :: d_step {
       on[n].ready && !at[n].own.set && !at[n].pending &&
       drawn < ASKS && (n != 2 || drawn || RESTORED + DEAD) ->
       drawn++;
       asker[drawn - 1] = name(n);
       at[n].pending = drawn
     }
  /* It takes the gift that arrives. */
  :: d_step {
       on[n].ready && on[n].giver ->
       look_for_others(n, on[n].gift.set, on[n].gift.epoch);
       if
       :: at[n].pending != on[n].request
       :: at[n].pending == on[n].request && bad -> at[n].pending = 0
       :: else ->
          put(at[n].own, on[n].gift.set, on[n].gift.epoch,
              on[n].gift.floor);
#ifdef BREAK_FLOOR
          at[n].own.floor = 0;
#endif
          raise_to_testimony(n);
          at[n].pending = 0;
          know(n, at[n].own.set, at[n].own.epoch, name(n), at[n].own.floor)
       fi;
       drop_gift(n)
     }
  /* It takes the stripe of one that leaves, once. */
  :: d_step {
       on[n].ready && on[n].leaver && !at[n].spare.set ->
       bad = false;
#ifndef BREAK_HAND_TWICE
       for (q : 0 .. Q - 1) {
         if
         :: has(on[n].hand.set, q) &&
            at[n].known[q].epoch >= on[n].hand.epoch -> bad = true
         :: else
         fi
       }
#endif
       if
       :: bad
       :: else ->
          put(at[n].spare, on[n].hand.set, on[n].hand.epoch,
              on[n].hand.floor);
          know(n, at[n].spare.set, at[n].spare.epoch, name(n),
               at[n].spare.floor);
#ifndef BREAK_HAND_TWICE
          check_holdings(n)
#endif
       fi;
       drop_hand(n)
     }
  /* It ends without a word, and starts again. Whoever's ledger nobody changes
   * meanwhile does both at once: to be down longer is to act later. */
  :: d_step {
       on[n].ready ->
       on[n].ready = !befallen(n);
       on[n].heard = 0;
       on[n].owes = 0;
       on[n].learned = 0;
       drop_gift(n);
       drop_hand(n)
     }
#ifdef BREAK_WITNESS
  :: d_step { !on[n].ready -> on[n].ready = true }
#endif
#if RESTORES
  /* A backup is made, and put in the ledger's place while the node is down. */
  :: d_step {
       n == RESTORED && !copied && restores ->
       copied = true;
       copy(n, BACKUP)
     }
  :: d_step {
       n == RESTORED && copied && !on[n].ready && heard_of(n) ->
       copied = false;
       restores--;
       copy(BACKUP, n);
       copy(NOTHING, BACKUP);
       for (i : 0 .. ASKS - 1) { cost[n * ASKS + i] = false };
       restored[n] = OPERATOR_SAYS_SO
     }
#endif
  od
}

/* What n does with m; z is the third one. */
proctype pair(byte n, m, z) {
  do
#ifdef BREAK_SPLIT_ORDER
  :: d_step {
       on[n].ready && on[m].ready && at[m].pending &&
       can_give(n) && !recorded(n, m).set && !on[n].owes ->
       part(n);
       on[n].owes = at[m].pending;
       send_gift(n, m, new)
     }
  :: d_step {
       on[n].owes && on[n].owes == at[m].pending ->
       on[n].owes = 0;
       part(n);
       record(n, m)
     }
#else
#ifdef BREAK_STOP
  :: d_step {
       on[n].ready && at[n].own.set && !on[n].learned ->
       on[n].learned = name(at[n].own.floor)
     }
#endif
  /* m asks: n records what it gives, and what it keeps, at once. */
  :: d_step {
       on[n].ready && on[m].ready && at[m].pending &&
       can_give(n) && !answered(n, m) && stopped(n) ->
       assert(!cost[n * ASKS + at[m].pending - 1]);
       cost[n * ASKS + at[m].pending - 1] = true;
       part(n);
       record(n, m);
#ifdef BREAK_STOP
       recorded(n, m).floor = on[n].learned - 1;
       on[n].learned = 0
#endif
     }
#endif
  /* n answers what it recorded, as often as m asks. */
  :: d_step {
       on[n].ready && on[m].ready && at[m].pending &&
       recorded(n, m).set ->
       send_gift(n, m, recorded(n, m))
     }
  /* n leaves its stripe to m: it stops for good, before m hears of it. */
  :: d_step {
       minting(n) && leaves ->
       leaves--;
       at[n].heir = name(m)
     }
  :: d_step {
       on[n].ready && on[m].ready && hands_over(n, m) ->
       on[m].leaver = name(n);
       put(on[m].hand, at[n].own.set, at[n].own.epoch + 1,
           at[n].own.floor)
     }
  /* m acknowledges: it knows of a higher epoch of all of it. */
  :: d_step {
       on[n].ready && on[m].ready && at[n].heir == name(m) ->
       bad = false;
       for (q : 0 .. Q - 1) {
         if
         :: has(at[n].own.set, q) &&
            at[m].known[q].epoch <= at[n].own.epoch -> bad = true
         :: else
         fi
       }
       if
       :: bad
       :: else ->
          know(n, at[n].own.set, at[n].own.epoch + 1, name(m),
               at[n].own.floor);
          put(at[n].own, 0, 0, 0);
          at[n].heir = NOBODY
       fi
     }
#if RESTORES + ADOPTS
  /* n hears what m holds; where n starts, m is its witness, and what an
   * earlier process of n sent to m is void. */
  :: d_step {
       testifies(m) && (!on[n].ready ||
       (on[m].ready && (befallen(m) || meets(n)))) ->
       note_meeting(n, m);
       if
       :: !on[n].ready ->
#ifndef BREAK_BOOT
          if
          :: on[m].giver == name(n) -> drop_gift(m)
          :: else
          fi;
          if
          :: on[m].leaver == name(n) -> drop_hand(m)
          :: else
          fi;
#endif
          learn_testimony(n, m)
#ifndef BREAK_PING
       :: on[n].ready && meets(n) -> learn_testimony(n, m)
#endif
       :: else
       fi;
       learn_holdings(n, m);
       check_holdings(n);
       met = met && at[DEAD].own.set;
       unheard[m] = false;
       if
       :: !on[n].ready && restored[n] ->
          on[n].heard = on[n].heard | (1 << m);
          if
          :: heard_all(n, z) ->
             restored[n] = false;
#ifndef REACH
             on[n].heard = 0;
#endif
             on[n].ready = true
          :: else
          fi
       :: !on[n].ready && !restored[n] -> on[n].ready = true
       :: else
       fi
     }
#endif
#if ADOPTS
  /* An operator says that m is dead: n asks and tells everybody else, and
   * keeps what m held as a spare. */
  :: d_step {
       m == DEAD && adopts && looks_dead(m) && heard_of(m) &&
       on[n].ready && !at[n].spare.set && testifies(z) ->
#ifndef BREAK_ADOPT_ALONE
       learn_holdings(n, z);
       learn_known(n, z);
       check_holdings(n);
#endif
       put(new, 0, 0, 0);
       for (i : 0 .. Q - 1) {
         if
         :: at[n].known[i].holder == name(m) ->
            new.set = new.set | (1 << i);
            new.epoch = greater(new.epoch, at[n].known[i].epoch);
            new.floor = greater(new.floor, at[n].known[i].mark)
         :: else
         fi
       }
       if
       :: new.set ->
          adopts--;
          put(at[n].spare, new.set, new.epoch + OUTBID, new.floor);
          know(n, new.set, new.epoch + OUTBID, name(n), new.floor);
#ifndef BREAK_ADOPT_ALONE
          know(z, new.set, new.epoch + OUTBID, name(n), new.floor)
#endif
       :: else
       fi
     }
#endif
  od
}

init {
  d_step {
    put(at[0].own, (1 << Q) - 1, 1, 0);
    for (i : 0 .. N - 1) {
      on[i].ready = true
    }
    for (q : 0 .. Q - 1) {
      at[0].known[q].epoch = 1;
      at[0].known[q].holder = name(0)
    }
  }
  atomic {
    run node(0); run node(1); run node(2);
    run pair(0, 1, 2); run pair(0, 2, 1); run pair(1, 0, 2);
    run pair(1, 2, 0); run pair(2, 0, 1); run pair(2, 1, 0)
  }
}
