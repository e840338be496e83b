package dev.warren.discovery.dht.wire;

import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a query asks (BEP 5, 44). Arrays are not copied and not to be changed. */
public sealed interface KrpcRequest {
  /** Are you there? */
  record Ping() implements KrpcRequest {}

  /** Which nodes are closest to {@code target}? */
  record FindNode(DhtId target) implements KrpcRequest {}

  /** Who has the file? Here only for the nodes that the answer lists. */
  record GetPeers(DhtId target) implements KrpcRequest {}

  /**
   * What lies at {@code target}?
   *
   * @param seq the newest that the asking node has: the item is wanted only if it is newer
   */
  record Get(DhtId target, @Nullable Long seq) implements KrpcRequest {}

  /**
   * Keep this.
   *
   * @param target Rust mainline insists on it; BEP 44 does not know it
   * @param token from the answer to a Get, which proves the address
   * @param cas keep it only if the item there has this sequence number
   */
  record Put(@Nullable DhtId target, byte[] token, MutableItem item, @Nullable Long cas)
      implements KrpcRequest {}

  /** A request that we read far enough to say why we refuse it, with a code of BEP 5 or 44. */
  record Refused(String method, int code, String why) implements KrpcRequest {}

  /** The name of the request. */
  default String method() {
    if (this instanceof Ping) {
      return "ping";
    }
    if (this instanceof FindNode) {
      return "find_node";
    }
    if (this instanceof GetPeers) {
      return "get_peers";
    }
    if (this instanceof Get) {
      return "get";
    }
    return this instanceof Refused refused ? refused.method : "put";
  }

  /** The arguments but for the sender's id. */
  default SortedMap<String, Bencode> arguments() {
    SortedMap<String, Bencode> arguments = new TreeMap<>();
    if (this instanceof FindNode find) {
      arguments.put("target", id(find.target));
    } else if (this instanceof GetPeers get) {
      arguments.put("info_hash", id(get.target));
    } else if (this instanceof Get get) {
      arguments.put("target", id(get.target));
      if (get.seq != null) {
        arguments.put("seq", new Bencode.Int(get.seq));
      }
    } else if (this instanceof Put put) {
      put(put, arguments);
    }
    return arguments;
  }

  private static void put(Put put, SortedMap<String, Bencode> arguments) {
    arguments.put("token", new Bencode.Text(put.token));
    if (put.target != null) {
      arguments.put("target", id(put.target));
    }
    if (put.cas != null) {
      arguments.put("cas", new Bencode.Int(put.cas));
    }
    arguments.put("k", new Bencode.Text(put.item.key()));
    arguments.put("seq", new Bencode.Int(put.item.seq()));
    arguments.put("sig", new Bencode.Text(put.item.signature()));
    arguments.put("v", new Bencode.Encoded(put.item.value()));
    if (put.item.salt().length > 0) {
      arguments.put("salt", new Bencode.Text(put.item.salt()));
    }
  }

  private static Bencode id(DhtId id) {
    return new Bencode.Text(id.toBytes());
  }
}
