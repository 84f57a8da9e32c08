/*
 * How far a restored node must raise its ceiling: one node, one witness.
 * README.md beside this says what is modelled, what is not, and how to run it.
 *
 * Before an integer above the ceiling is given, the ceiling goes BLOCK further.
 * A clean stop lowers it to the last integer; after a crash the node goes on
 * above it. The witness hears both numbers now and then.
 */
#ifndef MAX
#define MAX 7
#endif
#define BLOCK 3

bool up = true, copied, restored;
byte last;               /* volatile */
byte ceiling;            /* durable */
byte heard_last, heard_ceiling;
byte copy;               /* of the ceiling: the backup */
byte restores = 2;
short given;             /* the integers given, a bit each */
byte greatest;           /* of them */

#ifdef BREAK_LAST
#define is_older (ceiling < heard_last)
#else
#define is_older (ceiling < heard_ceiling)
#endif
#ifdef REACH
#define landmark(what) assert(what != REACH)
#else
#define landmark(what) skip
#endif
#define CEILING_RAISED 1

inline raise(to) {
  if
  :: ceiling < to -> ceiling = to
  :: else
  fi
}

active proctype node() {
  do
  /* It mints. */
  :: d_step {
       up && last < MAX ->
       last++;
       if
       :: last > ceiling -> ceiling = last + BLOCK - 1
       :: else
       fi;
       assert(!(given & (1 << last)));
       given = given | (1 << last);
       greatest = last
     }
  /* The witness hears of it. */
  :: d_step { up -> heard_last = last; heard_ceiling = ceiling }
  /* It crashes. */
  :: d_step { up -> up = false; last = 0 }
  /* It stops cleanly; the witness may hear of that. */
  :: d_step { up -> up = false; ceiling = last; last = 0 }
  :: d_step {
       up ->
       up = false;
       ceiling = last;
       heard_last = last;
       heard_ceiling = last;
       last = 0
     }
  /* It starts; a restored one asks the witness first. */
  :: d_step {
       !up ->
       if
       :: restored && is_older ->
          landmark(CEILING_RAISED);
          raise(heard_ceiling)
       :: else
       fi;
       restored = false;
       last = ceiling;
       up = true
     }
  /* A backup is made; it is put in the ceiling's place. The witness heard of a
   * ceiling that is not below what was given. */
  :: d_step { !copied && restores -> copied = true; copy = ceiling }
  :: d_step {
       !up && copied && greatest <= heard_ceiling ->
       copied = false;
       restores--;
       ceiling = copy;
       copy = 0;
       restored = true
     }
  od
}
