package dev.warren.discovery.dht.logic;

import dev.warren.discovery.dht.logic.DhtCounters.Event;
import dev.warren.discovery.dht.wire.DhtContact;
import dev.warren.discovery.dht.wire.DhtFormatException;
import dev.warren.discovery.dht.wire.DhtId;
import dev.warren.discovery.dht.wire.KrpcMessage;
import dev.warren.discovery.dht.wire.KrpcRequest;
import dev.warren.discovery.dht.wire.MutableItem;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A participant of the DHT without its socket: a node that serves others, or a client that only
 * asks (BEP 43). Datagrams and the time come in, datagrams go out. Nothing that arrives makes it
 * throw. Not thread-safe.
 */
public final class DhtEngine {
  /** Lookups and puts under way. Our choice. */
  public static final int MAX_SEARCHES = 64;

  /** {@link #dueIn} when nothing is due. */
  public static final long IDLE = 60_000_000_000L;

  /** On whose account a node keeps what it stores itself. */
  private static final InetAddress OURSELVES = InetAddress.getLoopbackAddress();

  /** While something is under way: slow nodes make room for others. Our choice. */
  private static final long BUSY = 50_000_000L;

  /**
   * What one participant is.
   *
   * @param id its own
   * @param serves whether it answers others, and is known to them
   * @param ipv6 the family of its socket
   * @param maxItems of others that it keeps
   */
  public record Settings(DhtId id, boolean serves, boolean ipv6, int maxItems) {}

  /** Hears of a lookup; calls come from within the engine's methods. */
  public interface GetListener {
    /** An item whose signature is right, newer than all before. */
    void onItem(MutableItem item);

    /** The end: how many nodes were asked, and how many have answered. */
    void onDone(int asked, int answered);
  }

  /** Ends a lookup early; nothing is told then. */
  @FunctionalInterface
  public interface Handle {
    void cancel();
  }

  private final Settings settings;
  private final DhtCounters counters;
  private final RandomGenerator random;
  private final RoutingTable table;
  private final Rpc rpc;
  private final Transmitter out;
  private final AddressLimits limits;
  private final ItemStore store;
  private final Server server;
  private final Upkeep upkeep;
  private final List<Search> searches = new ArrayList<>();
  private List<InetSocketAddress> bootstrap = List.of();

  /**
   * @param random one that nobody can guess: transaction ids and tokens rest on it
   */
  public DhtEngine(
      Settings settings, Transmitter out, DhtCounters counters, RandomGenerator random, long now) {
    this.settings = settings;
    this.counters = counters;
    this.random = random;
    this.out =
        (to, datagram) -> {
          counters.count(Event.DATAGRAMS_SENT);
          counters.add(Event.BYTES_SENT, datagram.length);
          out.send(to, datagram);
        };
    this.table = new RoutingTable(settings.id);
    this.rpc = new Rpc(settings.id, !settings.serves, this.out, counters, random);
    this.limits = new AddressLimits(now);
    this.store = new ItemStore(settings.id, settings.maxItems);
    this.server = new Server(settings.id, table, store, limits, counters, random, now);
    this.upkeep = new Upkeep(this, table, store, random, now);
  }

  /** Whom to ask when nobody else is known. */
  public void setBootstrap(List<InetSocketAddress> addresses) {
    List<InetSocketAddress> usable = addresses.stream().filter(this::isOfOurFamily).toList();
    if (!usable.equals(bootstrap)) {
      bootstrap = usable;
      upkeep.onBootstrap();
    }
  }

  List<InetSocketAddress> bootstrap() {
    return bootstrap;
  }

  DhtCounters counters() {
    return counters;
  }

  Settings settings() {
    return settings;
  }

  /** Takes a datagram. */
  public void onDatagram(InetSocketAddress from, byte[] datagram, long now) {
    counters.count(Event.DATAGRAMS_RECEIVED);
    counters.add(Event.BYTES_RECEIVED, datagram.length);
    KrpcMessage message;
    try {
      message = KrpcMessage.parse(datagram);
    } catch (DhtFormatException malformed) {
      counters.count(Event.MALFORMED);
      return;
    }
    if (message instanceof KrpcMessage.Query query) {
      if (settings.serves) {
        onQuery(query, from, datagram.length, now);
      }
    } else if (rpc.onReply(from, message, now)) {
      limits.onProven(from.getAddress(), now);
      proceed(now);
    }
  }

  private void onQuery(KrpcMessage.Query query, InetSocketAddress from, int bytes, long now) {
    if (from.getPort() == 0 || Scope.of(from.getAddress()) == Scope.NONE) {
      return;
    }
    byte[] answer = server.answer(query, from, bytes, now);
    if (answer == null) {
      return;
    }
    out.send(from, answer);
    DhtContact contact = new DhtContact(query.sender(), from);
    if (!query.readOnly() && table.isWanted(contact)) {
      upkeep.onStranger(contact, bytes, now);
    }
  }

  /** Whether a ping of {@code bytes} may go to an address that is not proven. */
  boolean mayPing(InetSocketAddress to, int received, int bytes, long now) {
    return limits.mayAnswer(to.getAddress(), received, bytes, now);
  }

  /** Does what is due. */
  public void onTime(long now) {
    rpc.onTime(now);
    proceed(now);
    if (settings.serves) {
      upkeep.onTime(now);
      proceed(now);
    }
  }

  /** Nanoseconds from now until {@link #onTime} has something to do. */
  public long dueIn(long now) {
    long due = searches.isEmpty() ? IDLE : BUSY;
    if (settings.serves) {
      due = Math.min(due, upkeep.dueIn(now));
    }
    return rpc.dueIn(now, due);
  }

  private void proceed(long now) {
    // A search that ends may begin another.
    for (Search search : List.copyOf(searches)) {
      if (search.proceed(now)) {
        searches.remove(search);
      }
    }
  }

  /** Looks for the item of {@code key} and {@code salt}; null if too many lookups are under way. */
  public @Nullable Handle get(byte[] key, byte[] salt, GetListener listener, long now) {
    DhtId target = MutableItem.target(key, salt);
    return search(
        new Search.Goal(target, salt),
        new Search.Listener() {
          @Override
          public void onItem(MutableItem item) {
            listener.onItem(item);
          }

          @Override
          public void onDone(Lookup lookup, @Nullable MutableItem newest, long at) {
            listener.onDone(lookup.asked(), lookup.answered());
          }
        },
        now);
  }

  /**
   * Looks where the items of {@code key} and {@code salt} lie, then stores one there.
   *
   * @param choose gets the newest item that lies there, and says what to store: nothing, if null
   * @return null if too many lookups are under way
   */
  public @Nullable Handle put(
      byte[] key,
      byte[] salt,
      Function<@Nullable MutableItem, @Nullable MutableItem> choose,
      Consumer<PutResult> end,
      long now) {
    return search(
        new Search.Goal(MutableItem.target(key, salt), salt),
        new Search.Listener() {
          @Override
          public void onItem(MutableItem item) {}

          @Override
          public void onDone(Lookup lookup, @Nullable MutableItem newest, long at) {
            MutableItem item = choose.apply(newest);
            if (item == null) {
              end.accept(new PutResult(null, 0, 0, 0, newest));
              return;
            }
            List<Lookup.Holder> holders = lookup.closest();
            if (settings.serves && isHolder(item.target(), holders)) {
              store.put(item, null, OURSELVES, at);
            }
            Store.begin(DhtEngine.this, item, holders, newest, end, at);
          }
        },
        now);
  }

  /** Whether this node is one of those that are to hold what lies at {@code target}. */
  private boolean isHolder(DhtId target, List<Lookup.Holder> holders) {
    return holders.size() < Lookup.K
        || target.compareDistance(settings.id, holders.get(Lookup.K - 1).contact().id()) < 0;
  }

  /** Looks for the nodes around {@code target}. */
  @Nullable Handle find(DhtId target, Runnable end, long now) {
    return search(
        new Search.Goal(target, null),
        new Search.Listener() {
          @Override
          public void onItem(MutableItem item) {}

          @Override
          public void onDone(Lookup lookup, @Nullable MutableItem newest, long at) {
            end.run();
          }
        },
        now);
  }

  private @Nullable Handle search(Search.Goal goal, Search.Listener listener, long now) {
    if (searches.size() >= MAX_SEARCHES) {
      counters.count(Event.LOOKUPS_REFUSED);
      return null;
    }
    counters.count(Event.LOOKUPS);
    List<DhtContact> known = table.closest(goal.target(), Lookup.K, settings.ipv6);
    Lookup lookup = new Lookup(goal.target(), known, now);
    if (known.size() < Lookup.K) {
      lookup.seed(bootstrap);
    }
    Search search = new Search(this, goal, lookup, listener);
    MutableItem own = goal.salt() == null ? null : store.get(goal.target(), now);
    if (own != null) {
      search.begin(own);
    }
    searches.add(search);
    if (search.proceed(now)) {
      searches.remove(search);
    }
    return () -> {
      search.cancel();
      searches.remove(search);
    };
  }

  boolean ask(InetSocketAddress to, KrpcRequest request, Rpc.Outcome outcome, long now) {
    return rpc.ask(to, request, outcome, now);
  }

  /** A node has answered. */
  void onAlive(DhtContact contact, long now) {
    table.onAnswer(contact, now);
  }

  void onSilent(InetSocketAddress address) {
    table.onFailure(address);
  }

  /** Of the contacts that {@code teller} tells of, those that we may ask. */
  List<DhtContact> usable(@Nullable List<DhtContact> told, InetSocketAddress teller) {
    if (told == null) {
      return List.of();
    }
    List<DhtContact> usable =
        told.stream()
            .filter(c -> isOfOurFamily(c.address()))
            .filter(c -> Scope.mayTell(teller.getAddress(), c.address().getAddress()))
            .filter(c -> !c.id().equals(settings.id))
            .toList();
    counters.add(Event.CONTACTS_REFUSED, told.size() - usable.size());
    return usable;
  }

  private boolean isOfOurFamily(InetSocketAddress address) {
    return address.getAddress() instanceof Inet6Address == settings.ipv6;
  }

  /** Nodes that are known. */
  public int nodes() {
    return table.size();
  }

  /** Items of others that are kept. */
  public int items() {
    return store.size();
  }
}
