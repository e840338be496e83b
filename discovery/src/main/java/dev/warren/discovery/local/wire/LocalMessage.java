package dev.warren.discovery.local.wire;

import dev.warren.base.NodeId;
import java.util.List;
import java.util.Set;

/** A datagram of local discovery (discovery section 7.3). */
public sealed interface LocalMessage {
  /**
   * Who is there?
   *
   * @param tag the DNS id: 0 from iroh, and ignored by it; ours are random, to know our own again
   * @param generations whose nodes are asked
   * @param wanted nodes that are asked for by name besides (SRV questions, which iroh ignores): one
   *     of them need not wait until others have spoken
   */
  record Query(int tag, Set<Generation> generations, Set<NodeId> wanted) implements LocalMessage {
    public Query {
      generations = Set.copyOf(generations);
      wanted = Set.copyOf(wanted);
    }
  }

  /**
   * Somebody is there, or leaves. A goodbye is the PTR record of a node with a TTL of 0 and nothing
   * else, as in RFC 6762 section 10.1: iroh, which never says it, ignores it.
   *
   * @param said in the order in which the message has them; more than one is legal
   */
  record Response(List<Said> said, Set<NodeId> goodbyes) implements LocalMessage {
    public Response {
      said = List.copyOf(said);
      goodbyes = Set.copyOf(goodbyes);
    }

    public static Response of(Generation generation, Announcement announcement) {
      return new Response(List.of(new Said(generation, announcement)), Set.of());
    }

    public static Response goodbye(NodeId id) {
      return new Response(List.of(), Set.of(id));
    }
  }

  /** One node's announcement. */
  record Said(Generation generation, Announcement announcement) {}
}
