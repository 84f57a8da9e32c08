/*
 * What may happen, what is broken, and which place is looked for: by -D.
 */
#define N 3              /* nodes; the first one bootstraps the cluster */
#define Q 4              /* residues */
#define BACKUP 3         /* a row below the ledgers of nodes */
#define NOTHING 4        /* an empty ledger */
#define ROWS 5

#ifndef MAX
#define MAX 5            /* the greatest integer */
#endif
#ifndef ASKS
#define ASKS 2           /* requests for a stripe, of all nodes */
#endif
#ifndef LEAVES
#define LEAVES 0
#endif
#ifndef RESTORES
#define RESTORES 0       /* times that RESTORED's ledger is replaced */
#endif
#ifndef ADOPTS
#define ADOPTS 0         /* times that DEAD is said to be dead */
#endif
#ifndef RESTORED
#define RESTORED 0
#endif
#ifndef DEAD
#define DEAD 0
#endif

/* WRONG: the operator says dead of a node that may still mint. It gives the
 * same integers as others until it met a node that knows, and none after. */
#ifdef WRONG
#define looks_dead(n) true
#define meets(n) (n == DEAD)
#else
#define looks_dead(n) !on[n].ready
#define meets(n) false
#endif

/* BREAK_...: the rule that a model lacks. Those in the steps themselves are
 * BREAK_FLOOR, BREAK_SPLIT_ORDER, BREAK_STOP, BREAK_HAND_TWICE, BREAK_WITNESS,
 * BREAK_BOOT, BREAK_RAISE, BREAK_ADOPT_ALONE and BREAK_PING. */
#ifdef BREAK_SAME_GIFT
#define answered(n, m) false
#else
#define answered(n, m) recorded(n, m).set
#endif
#ifdef BREAK_STOP
#define stopped(n) on[n].learned
#else
#define stopped(n) true
#endif
#ifdef BREAK_LEAVE
#define hands_over(n, m) \
  (at[n].heir == name(m) || (minting(n) && leaves))
#else
#define hands_over(n, m) (at[n].heir == name(m))
#endif
#ifdef BREAK_SILENT
#define OPERATOR_SAYS_SO false
#else
#define OPERATOR_SAYS_SO true
#endif
#ifdef BREAK_TESTIFY
#define testifies(m) true
#else
#define testifies(m) !restored[m]
#endif
#ifdef BREAK_ONE_WITNESS
#define heard_all(n, z) true
#else
#define heard_all(n, z) has(on[n].heard, z)
#endif
#ifdef BREAK_OUTBID
#define OUTBID 1         /* what an adoption adds to the epoch */
#else
#define OUTBID 8         /* more than the splits that nobody heard of */
#endif

/* What befalls a ledger is safe where a peer heard of its node after the last
 * integer: an operator's word does not make an unheard integer heard. */
#ifdef BREAK_UNHEARD
#define heard_of(n) true
#else
#define heard_of(n) !unheard[n]
#endif

/* Whose ledger others replace or give away: it is told apart from the rest,
 * which keeps the number of states small. */
#define befallen(n) ((RESTORES && n == RESTORED) || (ADOPTS && n == DEAD))

/* REACH: a place that must be reached; its assertion fails there. */
#ifdef REACH
#define landmark(what) assert(what != REACH)
#else
#define landmark(what) skip
#endif
#define SPLIT_MINTED 1
#define SPARE_MINTED 2
#define LEFT_AND_BACK 3
#define RESTORED_MINTS 4
#define RESTORED_RAISED 5
#define RESTORED_REFUSED 6
#define ADOPTED_MINTED 7
#define DEAD_REFUSED 8
