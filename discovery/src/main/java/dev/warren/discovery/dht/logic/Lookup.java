package dev.warren.discovery.dht.logic;

import dev.warren.discovery.dht.wire.DhtContact;
import dev.warren.discovery.dht.wire.DhtId;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whom one lookup asks: always the closest of those it has heard of, until the {@link #K} closest
 * that answer have answered (BEP 5, discovery section 8.4). Several at once; one that is slow makes
 * room for the next but may still answer. Bounded in nodes, queries and time. Not thread-safe.
 *
 * <p>Nodes may lie. Who is named by one whose contacts mostly do not answer is not asked; what
 * answers by another id than it was named by is taken by its own; one address is asked once.
 */
public final class Lookup {
  /** The closest nodes, which hold an item (discovery section 8.4). */
  public static final int K = 20;

  /** Queries under way at once; those that are slow are not counted. Our choice. */
  static final int ALPHA = 8;

  /** After so long a node is slow: twice a round trip across the world. Our choice. */
  static final long SLOW = 400_000_000L;

  /** Nodes that are heard of, and that are asked. Our choice; an honest lookup asks some 40. */
  static final int MAX_CANDIDATES = 400;

  static final int MAX_ASKED = 200;

  /** The whole lookup. Our choice: five dead nodes in a row in each of the queries at once. */
  static final long MAX_TIME = 10_000_000_000L;

  /** Contacts of one node that may be dead before the others are doubted. Our choice. */
  static final int MAX_DEAD = 4;

  /** Somebody to ask. */
  public static final class Candidate {
    private enum State {
      NEW,
      ASKED,
      ANSWERED,
      FAILED
    }

    private @Nullable DhtId id;
    private final InetSocketAddress address;

    /** Who told of it; empty if we knew it ourselves. */
    private final List<Candidate> toldBy = new ArrayList<>(1);

    private State state = State.NEW;
    private long askedAt;
    private byte @Nullable [] token;
    private int alive;
    private int dead;

    private Candidate(@Nullable DhtId id, InetSocketAddress address) {
      this.id = id;
      this.address = address;
    }

    public InetSocketAddress address() {
      return address;
    }

    /** Null: a bootstrap node, whose id nobody knows before it has answered. */
    public @Nullable DhtId id() {
      return id;
    }

    /** Of what it told of, most is dead. */
    private boolean isLiar() {
      return dead >= MAX_DEAD && dead > 2 * alive;
    }

    private boolean isDoubtful() {
      return !toldBy.isEmpty() && toldBy.stream().allMatch(Candidate::isLiar);
    }
  }

  /** A node that has answered, and what it wants to see with a put. */
  public record Holder(DhtContact contact, byte @Nullable [] token) {}

  private final DhtId target;
  private final long startedAt;

  /** Bootstrap nodes: asked first, in any order. */
  private final List<Candidate> seeds = new ArrayList<>();

  /** The closest first. */
  private final List<Candidate> byDistance = new ArrayList<>();

  private final Map<InetSocketAddress, Candidate> byAddress = new HashMap<>();
  private int asked;
  private int answered;

  public Lookup(DhtId target, Collection<DhtContact> known, long now) {
    this.target = target;
    this.startedAt = now;
    known.forEach(contact -> insert(contact, null));
  }

  /** Adds nodes whose ids are not known. */
  public void seed(Collection<InetSocketAddress> addresses) {
    for (InetSocketAddress address : addresses) {
      if (byAddress.size() < MAX_CANDIDATES && !byAddress.containsKey(address)) {
        Candidate candidate = new Candidate(null, address);
        byAddress.put(address, candidate);
        seeds.add(candidate);
      }
    }
  }

  public DhtId target() {
    return target;
  }

  /** Whom to ask now, which counts as done; null if nobody. */
  public @Nullable Candidate next(long now) {
    if (asked >= MAX_ASKED || now - startedAt >= MAX_TIME) {
      return null;
    }
    int waiting = 0;
    for (Candidate candidate : byAddress.values()) {
      if (candidate.state == Candidate.State.ASKED && now - candidate.askedAt < SLOW) {
        waiting++;
      }
    }
    if (waiting >= ALPHA) {
      return null;
    }
    Candidate next = first();
    if (next != null) {
      next.state = Candidate.State.ASKED;
      next.askedAt = now;
      asked++;
    }
    return next;
  }

  private @Nullable Candidate first() {
    for (Candidate seed : seeds) {
      if (seed.state == Candidate.State.NEW) {
        return seed;
      }
    }
    int rank = 0;
    for (Candidate candidate : byDistance) {
      if (candidate.state == Candidate.State.FAILED || isSkipped(candidate)) {
        continue;
      }
      if (candidate.state == Candidate.State.NEW) {
        return candidate;
      }
      if (++rank >= K) {
        return null;
      }
    }
    return null;
  }

  private static boolean isSkipped(Candidate candidate) {
    return candidate.state == Candidate.State.NEW && candidate.isDoubtful();
  }

  /**
   * A node has answered.
   *
   * @param id what it calls itself
   * @param nodes whom it tells of, already checked for where they may be
   * @return whether it was told of by this id
   */
  public boolean onAnswer(
      Candidate from, DhtId id, byte @Nullable [] token, List<DhtContact> nodes) {
    if (from.state != Candidate.State.ASKED) {
      return true;
    }
    boolean asTold = from.id == null || from.id.equals(id);
    if (!id.equals(from.id)) {
      byDistance.remove(from);
      seeds.remove(from);
      from.id = id;
      place(from);
    }
    from.state = Candidate.State.ANSWERED;
    from.token = token;
    answered++;
    from.toldBy.forEach(asTold ? t -> t.alive++ : t -> t.dead++);
    nodes.forEach(contact -> insert(contact, from));
    return asTold;
  }

  /** A node has answered with an error, or not at all. */
  public void onFailure(Candidate candidate) {
    if (candidate.state == Candidate.State.ASKED) {
      candidate.state = Candidate.State.FAILED;
      candidate.toldBy.forEach(t -> t.dead++);
    }
  }

  private void insert(DhtContact contact, @Nullable Candidate toldBy) {
    Candidate candidate = byAddress.get(contact.address());
    if (candidate == null) {
      candidate = new Candidate(contact.id(), contact.address());
      byAddress.put(contact.address(), candidate);
      place(candidate);
      if (toldBy != null) {
        candidate.toldBy.add(toldBy);
      }
      shrink();
    } else if (toldBy != null
        && !candidate.toldBy.isEmpty()
        && candidate.toldBy.size() < K
        && candidate.state == Candidate.State.NEW
        && contact.id().equals(candidate.id)
        && !candidate.toldBy.contains(toldBy)) {
      candidate.toldBy.add(toldBy);
    }
  }

  private void place(Candidate candidate) {
    int at = 0;
    while (at < byDistance.size()
        && target.compareDistance(id(byDistance.get(at)), id(candidate)) <= 0) {
      at++;
    }
    byDistance.add(at, candidate);
  }

  private static DhtId id(Candidate candidate) {
    if (candidate.id == null) {
      throw new IllegalStateException("a candidate without id has no place");
    }
    return candidate.id;
  }

  /** Of too many the farthest that was not asked goes. */
  private void shrink() {
    if (byAddress.size() <= MAX_CANDIDATES) {
      return;
    }
    for (int i = byDistance.size() - 1; i >= 0; i--) {
      if (byDistance.get(i).state == Candidate.State.NEW) {
        byAddress.remove(byDistance.remove(i).address);
        return;
      }
    }
  }

  /** Whether there is nothing to wait for: the closest have answered, or the bounds are reached. */
  public boolean isDone(long now) {
    if (now - startedAt >= MAX_TIME) {
      return true;
    }
    if (seeds.stream().anyMatch(s -> s.state == Candidate.State.NEW)) {
      return false;
    }
    int rank = 0;
    for (Candidate candidate : byDistance) {
      switch (candidate.state) {
        case ASKED:
          return false;
        case NEW:
          if (!candidate.isDoubtful() && asked < MAX_ASKED) {
            return false;
          }
          break;
        case ANSWERED:
          if (++rank >= K) {
            return true;
          }
          break;
        default:
          break;
      }
    }
    return seeds.stream().noneMatch(s -> s.state == Candidate.State.ASKED);
  }

  /** The {@link #K} closest that have answered, the closest first. */
  public List<Holder> closest() {
    List<Holder> holders = new ArrayList<>();
    for (Candidate candidate : byDistance) {
      if (candidate.state == Candidate.State.ANSWERED && holders.size() < K) {
        holders.add(new Holder(new DhtContact(id(candidate), candidate.address), candidate.token));
      }
    }
    return holders;
  }

  public int asked() {
    return asked;
  }

  public int answered() {
    return answered;
  }
}
