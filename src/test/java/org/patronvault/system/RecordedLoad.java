package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Other systems and a desk that register, change, give new cards, search, reveal and erase at the same time, some times a
 * second each, of any node in turn, and write down what was acknowledged and what was released. A write that got no answer, or one that says
 * it may have been done, is sent again as it was until it is acknowledged.
 */
final class RecordedLoad implements AutoCloseable {
    /** Who calls in the load: a client, by that name, and three persons. */
    static final String CLIENT = "ils";

    static final String PERSON = "clerk";
    static final String ERASER = "boss";
    static final String OFFICER = "officer";

    /** Of whose cards nobody else has any. */
    private static final String LIBRARY = "9999";

    private static final String OTHER_CARDS = "9998";

    private static final int PAUSE_MILLIS = 50;

    /** What is said after two seconds where the log cannot be written: a machine that is busy may take as many more. */
    private static final Set<String> LATE = Set.of("503 log-unavailable", "503 store-full");

    private static final long SLOWEST_REFUSAL_NANOS = TimeUnit.SECONDS.toNanos(4);

    /** A database on another machine may first be asked for so long who is calling, and then whether he called before. */
    private static final long SLOWEST_QUESTION_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Nobody is let wait so much longer than for a refusal, whatever it is for, and however busy the machine. */
    private static final long SLACK_NANOS = TimeUnit.SECONDS.toNanos(4);

    /** SQLite tries for so long to get a lock that a call which failed has left behind, and the vault is told only then. */
    private static final long LOCK_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final int OWN_PATRONS = 4;

    /** Whatever of a patron is kept in secret. */
    static final List<String> FIELDS = List.of("card", "name", "address", "email", "phone");

    /** As many telephone numbers has an exchange. */
    private static final int LINES = 10_000;

    private static final Set<Integer> DONE = Set.of(200, 201);

    /** A patron as last acknowledged, in that round: what was written of him, changed so often, and given a new card so often. */
    record Known(int round, ObjectNode patron, String id, int changes, int cards) {
        String card() {
            return patron.path("card").asText();
        }

        /** Whether that answer says of that field what was written; it may say of more parts that they are empty. */
        boolean isToldIn(JsonNode answer, String field) {
            JsonNode written = patron.path(field);
            JsonNode told = answer.path(field);
            if (field.equals("phone")) {
                return told.size() == 1 && told.path(0).asText().equals(number(written));
            }
            return written.isObject()
                    ? written.properties().stream()
                            .allMatch(part -> told.path(part.getKey()).equals(part.getValue()))
                    : told.equals(written);
        }

        /** The one number in there, as it is told. */
        private static String number(JsonNode phone) {
            return "+1" + phone.path(0).asText().replace("-", "");
        }

        private Known changed(int now, JsonNode phone) {
            return new Known(now, patron.deepCopy().set("phone", phone), id, changes + 1, cards);
        }

        private Known replaced(int now, String card) {
            return new Known(now, patron.deepCopy().put("card", card), id, changes, cards + 1);
        }
    }

    /** What somebody got in clear, in that round, with the entry that came with it. */
    record Released(int round, String actor, String patron, Set<String> fields, long entry) {}

    private final RunningVault vault;
    private final List<RunningVault> nodes;
    private final boolean mayEnd;
    private final long slowestRefusal;
    private final long slowestCall;
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicLong slowestNanos = new AtomicLong();
    private final String client;
    private volatile String person = "";
    private volatile String eraser = "";
    private volatile String officer = "";
    private final Random random;
    private final Map<String, Known> known = new ConcurrentSkipListMap<>();

    /** Which telephone numbers were ever sent for a patron, acknowledged or not: none of them was sent for another. */
    private final Map<String, Set<String>> numbers = new ConcurrentHashMap<>();

    private final Queue<Known> erased = new ConcurrentLinkedQueue<>();
    private final Queue<Released> released = new ConcurrentLinkedQueue<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final Map<String, Integer> statuses = new ConcurrentSkipListMap<>();
    private final Map<Integer, Integer> acknowledged = new ConcurrentSkipListMap<>();
    private final List<Worker> workers = new ArrayList<>();
    private final List<Successes> served;
    private final ScheduledExecutorService pool = Executors.newScheduledThreadPool(8);
    private final AtomicLong newestDone = new AtomicLong(System.nanoTime());
    private final AtomicLong newestAnswer = new AtomicLong(newestDone.get());
    private final AtomicInteger rounds = new AtomicInteger();
    private volatile boolean ending;
    private volatile boolean mayFail;
    private volatile boolean locksFail;
    private volatile boolean connectionsFail;
    private int registered;
    private int changed;

    private RecordedLoad(List<RunningVault> nodes, String client, Random random, boolean mayEnd) {
        this.vault = nodes.get(0);
        this.nodes = nodes;
        this.mayEnd = mayEnd;
        long question = nodes.size() > 1 ? SLOWEST_QUESTION_NANOS : 0;
        this.slowestRefusal = SLOWEST_REFUSAL_NANOS + question;
        this.slowestCall = slowestRefusal + question + SLACK_NANOS;
        this.served = nodes.stream().map(node -> new Successes()).toList();
        this.client = client;
        this.random = random;
        signIn();
    }

    /**
     * Begins to work; {@code client} is a token.
     *
     * @param mayEnd whether a node may end while it is asked, or be sealed, so that no answer is no fault if that is soon
     */
    static RecordedLoad begin(List<RunningVault> nodes, String client, Random random, boolean mayEnd) {
        RecordedLoad load = new RecordedLoad(nodes, client, random, mayEnd);
        for (int n = 0; n < 2; n++) {
            load.workers.add(load.new Worker(load.new Registering()));
        }
        for (int n = 0; n < 2; n++) {
            List<Known> own = load.some();
            load.workers.add(load.new Worker(load.new Changing(own)));
            load.workers.add(load.new Worker(load.new Revealing(own)));
        }
        load.workers.add(load.new Worker(load.new Replacing(load.some())));
        load.workers.add(load.new Worker(load.new Searching()));
        load.workers.add(load.new Worker(load.new Erasing()));
        load.workers.add(load.new Worker(load.new Signing()));
        for (Worker worker : load.workers) {
            Future<?> unused = load.pool.scheduleWithFixedDelay(worker, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
        return load;
    }

    private List<Known> some() {
        List<Known> some = new ArrayList<>();
        for (int n = 0; n < OWN_PATRONS; n++) {
            ObjectNode patron = next();
            some.add(know(new Known(rounds.get(), patron, vault.register(client, patron), 0, 0)));
        }
        return some;
    }

    private synchronized ObjectNode next() {
        ObjectNode patron = SamplePatron.of(++registered);
        return patron.put("card", SamplePatron.card(LIBRARY, registered));
    }

    /** A number that no patron has had, nor is given when registered: those are of another area. */
    private synchronized String nextNumber() {
        int number = changed++;
        return String.format("475-%03d-%04d", 556 + number / LINES, number % LINES);
    }

    private void sending(String patron, JsonNode phone) {
        numbers.computeIfAbsent(patron, any -> ConcurrentHashMap.newKeySet()).add(Known.number(phone));
    }

    /** Whether it is one number, and that patron's: the newest, or one of before or of a change that is under way. */
    private boolean isOwn(String patron, JsonNode phone) {
        return phone.size() == 1 && numbers.get(patron).contains(phone.path(0).asText());
    }

    private Known know(Known one) {
        sending(one.id(), one.patron().path("phone"));
        known.put(one.id(), one);
        return one;
    }

    private void acknowledge() {
        acknowledged.merge(rounds.get(), 1, Integer::sum);
    }

    /** Registers somebody, once however often it is sent; nobody without an answer. */
    private Optional<Known> register(ObjectNode patron) {
        Map<String, String> once = once("register-" + patron.path("card").asText());
        JsonNode done = send("POST", "/v1/patrons", client, patron, once);
        if (done.isMissingNode()) {
            return Optional.empty();
        }
        acknowledge();
        return Optional.of(new Known(rounds.get(), patron, done.path("id").asText(), 0, 0));
    }

    private static Map<String, String> once(String key) {
        return Map.of("Idempotency-Key", key);
    }

    /** One call; what stays to be done until it is answered is with the implementation. */
    private interface Step {
        /** Calls once; whether it was answered as it should be. */
        boolean call();

        /** Whether something was sent and not acknowledged. */
        default boolean isOpen() {
            return false;
        }
    }

    /** Somebody who works, call by call. */
    private final class Worker implements Runnable {
        private final Step step;
        private final Successes answered = new Successes();

        private Worker(Step step) {
            this.step = step;
        }

        @Override
        public void run() {
            try {
                if ((!ending || step.isOpen()) && step.call()) {
                    answered.add();
                }
            } catch (RuntimeException | Error e) {
                faults.add(step.getClass().getSimpleName() + ": " + e);
            }
        }
    }

    /** A write, which is sent until it is acknowledged. */
    private abstract static class Writing implements Step {
        private boolean sent;

        @Override
        public boolean call() {
            sent = true;
            boolean done = write();
            sent = !done;
            return done;
        }

        /** Sends it as it was sent before, or the next one; whether it was acknowledged. */
        abstract boolean write();

        @Override
        public boolean isOpen() {
            return sent;
        }
    }

    private final class Registering extends Writing {
        private ObjectNode patron = next();

        @Override
        boolean write() {
            Optional<Known> done = register(patron);
            done.ifPresent(one -> {
                Known unused = know(one);
                patron = next();
            });
            return done.isPresent();
        }
    }

    private final class Changing extends Writing {
        private final List<Known> own;
        private String number = nextNumber();
        private int changes;

        private Changing(List<Known> own) {
            this.own = own;
        }

        @Override
        boolean write() {
            Known before = known.get(own.get(changes % own.size()).id());
            ObjectNode body = JsonNodeFactory.instance.objectNode();
            sending(before.id(), body.putArray("phone").add(number));
            Map<String, String> headers = Map.of(
                    "If-Match", "\"" + (before.changes() + 1) + "\"", "Idempotency-Key", before.id() + "-" + changes);
            JsonNode done = send("PATCH", "/v1/patrons/" + before.id(), client, body, headers);
            if (done.isMissingNode()) {
                return false;
            }
            Known unused = know(before.changed(rounds.get(), body.path("phone")));
            acknowledge();
            number = nextNumber();
            changes++;
            return true;
        }
    }

    /** Gives a few patrons new cards; the one that somebody looks for meanwhile stays known. */
    private final class Replacing extends Writing {
        private final List<Known> own;
        private int cards;

        private Replacing(List<Known> own) {
            this.own = own;
        }

        @Override
        boolean write() {
            Known before = known.get(own.get(cards % own.size()).id());
            String card = SamplePatron.card(OTHER_CARDS, cards);
            ObjectNode body =
                    JsonNodeFactory.instance.objectNode().put("card", card).put("reason", "lost");
            JsonNode done = send("POST", "/v1/patrons/" + before.id() + "/card", client, body, once("card-" + card));
            if (done.isMissingNode()) {
                return false;
            }
            Known unused = know(before.replaced(rounds.get(), card));
            acknowledge();
            cards++;
            return true;
        }
    }

    /** Registers somebody whom nobody looks for, and erases him. */
    private final class Erasing extends Writing {
        private ObjectNode patron = next();
        private Optional<Known> registered = Optional.empty();

        @Override
        boolean write() {
            if (registered.isEmpty()) {
                registered = register(patron);
            }
            return registered.filter(this::erase).isPresent();
        }

        private boolean erase(Known one) {
            JsonNode done = send("DELETE", "/v1/patrons/" + one.id(), eraser, null, once("erase-" + one.id()));
            if (done.isMissingNode()) {
                return false;
            }
            erased.add(one);
            acknowledge();
            patron = next();
            registered = Optional.empty();
            return true;
        }
    }

    /** At the desk, of a few patrons: so many a person may open. */
    private final class Revealing implements Step {
        private final List<Known> own;
        private int calls;

        private Revealing(List<Known> own) {
            this.own = own;
        }

        @Override
        public boolean call() {
            String patron = own.get(calls++ % own.size()).id();
            ObjectNode body = JsonNodeFactory.instance.objectNode().put("purpose", "account-service");
            body.putArray("fields").add("phone").add("address");
            JsonNode done = send("POST", "/v1/patrons/" + patron + "/reveal", person, body, Map.of());
            if (done.isMissingNode()) {
                return false;
            }
            assertThat(isOwn(patron, done.path("phone")))
                    .as("a number of who was asked for")
                    .isTrue();
            assertThat(known.get(patron).isToldIn(done, "address")).isTrue();
            released.add(new Released(
                    rounds.get(),
                    PERSON,
                    patron,
                    fieldsIn(done),
                    done.path("entry").asLong()));
            return true;
        }
    }

    private final class Searching implements Step {
        @Override
        public boolean call() {
            List<Known> all = List.copyOf(known.values());
            Known one = all.get(random.nextInt(all.size()));
            JsonNode done = send("POST", "/v1/patrons/search", client, search(one, List.of("phone")), Map.of());
            if (done.isMissingNode()) {
                return false;
            }
            assertThat(done.path("results"))
                    .as("patrons with an acknowledged card")
                    .hasSize(1);
            assertThat(done.at("/results/0/id").asText()).isEqualTo(one.id());
            assertThat(isOwn(one.id(), done.at("/results/0/phone")))
                    .as("a number of who was found")
                    .isTrue();
            // A result has a name, whether or not it was asked for.
            assertThat(one.isToldIn(done.at("/results/0"), "name")).isTrue();
            released.add(new Released(
                    rounds.get(),
                    CLIENT,
                    one.id(),
                    fieldsIn(done.at("/results/0")),
                    done.path("entry").asLong()));
            return true;
        }
    }

    /** An officer, who has the log signed as far as it is: it never shrinks. */
    private final class Signing implements Step {
        private long size;

        @Override
        public boolean call() {
            Optional<Answer> signed = answered("GET", "/v1/log/checkpoint", officer, null, Map.of());
            if (signed.isEmpty()) {
                return false;
            }
            long now = Long.parseLong(signed.get().text().split("\n", 3)[1]);
            assertThat(now).as("entries of the log").isGreaterThanOrEqualTo(size);
            size = now;
            return true;
        }
    }

    /** Everything in there that the log must say was opened. */
    private static Set<String> fieldsIn(JsonNode answer) {
        return FIELDS.stream().filter(answer::has).collect(Collectors.toUnmodifiableSet());
    }

    /** A search by card that opens those fields. */
    static ObjectNode search(Known one, List<String> fields) {
        ObjectNode body =
                JsonNodeFactory.instance.objectNode().put("card", one.card()).put("purpose", "account-service");
        ArrayNode reveal = body.putArray("reveal");
        fields.forEach(reveal::add);
        return body;
    }

    /** The answer if it was done; else nothing, and anything but an orderly "not now" is a fault. */
    private JsonNode send(String method, String path, String token, ObjectNode body, Map<String, String> headers) {
        return answered(method, path, token, body, headers)
                .map(Answer::json)
                .orElseGet(JsonNodeFactory.instance::missingNode);
    }

    private Optional<Answer> answered(
            String method, String path, String token, ObjectNode body, Map<String, String> headers) {
        String call = method + " " + path.replaceAll("[0-9a-f]{16}", "ID");
        int node = calls.getAndIncrement() % nodes.size();
        long began = System.nanoTime();
        boolean mayBreak = mayEnd || connectionsFail;
        Answer answer;
        try {
            answer = nodes.get(node).send(method, path, token, body == null ? null : body.toString(), headers);
        } catch (UncheckedIOException e) {
            count("no answer");
            requireInTime(call + ": no answer: " + e.getCause(), began, slowestCall());
            if (!mayBreak && !connectionsFail) {
                faults.add(call + ": no answer: " + e.getCause());
            }
            return Optional.empty();
        }
        String said = answer.status() < 300 ? "2xx" : answer.refusal();
        count(said);
        requireInTime(call + ": " + said, began, LATE.contains(said) ? slowestRefusal : slowestCall());
        if (DONE.contains(answer.status())) {
            served.get(node).add();
            newestDone.accumulateAndGet(began, Math::max);
            newestAnswer.accumulateAndGet(System.nanoTime(), Math::max);
            return Optional.of(answer);
        }
        boolean later = answer.status() == 503
                && (mayEnd || !answer.header("Retry-After").isEmpty());
        boolean failed = mayFail && said.equals("500 internal");
        if (!later && !failed && !said.equals("409 changed-meanwhile")) {
            faults.add(call + ": " + answer);
        }
        return Optional.empty();
    }

    private long slowestCall() {
        return slowestCall + (locksFail ? LOCK_NANOS : 0);
    }

    private void count(String said) {
        statuses.merge(said, 1, Integer::sum);
    }

    /**
     * Whatever came of it, and whether or not the server may end: a connection ends with its process, so what took longer
     * was asked of one that lived all the while.
     */
    private void requireInTime(String call, long began, long most) {
        long took = System.nanoTime() - began;
        slowestNanos.accumulateAndGet(took, Math::max);
        if (took > most) {
            faults.add(call + ", only after " + took / 1_000_000 + " ms");
        }
    }

    /** Whether anything was done for somebody who asked for it after that moment. */
    boolean hasDoneWhatWasAskedAfter(long nanos) {
        return newestDone.get() - nanos > 0;
    }

    /** How long after that moment somebody was last answered that something is done, whenever it was asked for. */
    long answeredNanosAfter(long nanos) {
        return newestAnswer.get() - nanos;
    }

    /** Whether a connection may fail just now, while everything that is answered is answered in order. */
    void connectionsFail(boolean fail) {
        connectionsFail = fail;
    }

    /** Whether something that is stored cannot be read just now: who asks for that is told that the vault failed. */
    void mayFail(boolean may) {
        mayFail = may;
    }

    /** Whether the system refuses locks of files just now. */
    void locksFail(boolean fail) {
        locksFail = fail;
    }

    /** Has the persons go on in other sessions: one that was just begun is idle since, after a kill. */
    void signIn() {
        person = vault.signIn(PERSON);
        eraser = vault.signIn(ERASER);
        officer = vault.signIn(OFFICER);
    }

    /** From now on what is acknowledged belongs to another round. */
    void nextRound() {
        int unused = rounds.incrementAndGet();
    }

    /** Waits until everybody was answered {@code times} times more, and each node answered so often. */
    void awaitAnswered(int times) {
        List<Successes> all = Stream.concat(workers.stream().map(worker -> worker.answered), served.stream())
                .toList();
        List<Integer> before = all.stream().map(Successes::count).toList();
        vault.server().awaitUntil("somebody gets no answer: " + this, () -> {
            for (int n = 0; n < all.size(); n++) {
                if (all.get(n).count() < before.get(n) + times) {
                    return false;
                }
            }
            return true;
        });
    }

    /** The longest that anybody went without an answer, of that stretch of time. */
    long outageMillis(long fromNanos, long toNanos) {
        return workers.stream()
                .mapToLong(worker -> worker.answered.longestGapMillis(fromNanos, toNanos))
                .max()
                .orElseThrow();
    }

    /** How often that was answered, such as {@code 503 store-full}. */
    int answered(String what) {
        return statuses.getOrDefault(what, 0);
    }

    /** How many calls there were, answered or not. */
    int calls() {
        return calls.get();
    }

    /** What that node answered. */
    Successes served(int node) {
        return served.get(node);
    }

    /** Lets everybody come to an end: what was sent is sent again until it is acknowledged. */
    void finish() {
        ending = true;
        vault.server()
                .awaitUntil(
                        "a write is not acknowledged: " + this,
                        () -> workers.stream().noneMatch(worker -> worker.step.isOpen()));
        close();
    }

    /** How many writes were acknowledged. */
    int acknowledged() {
        return acknowledged.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** How many writes were acknowledged in that round. */
    int acknowledged(int one) {
        return acknowledged.getOrDefault(one, 0);
    }

    List<Known> known() {
        return List.copyOf(known.values());
    }

    /** Who was erased, as last acknowledged before. */
    List<Known> erased() {
        return List.copyOf(erased);
    }

    List<Released> released() {
        return List.copyOf(released);
    }

    /** What was answered that should not have been. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    @Override
    public String toString() {
        return statuses + ", slowest ms " + slowestNanos.get() / 1_000_000 + ", faults "
                + faults.stream().limit(5).toList();
    }

    @Override
    public void close() {
        // What is under way ends: a call that was interrupted would be one without an answer.
        pool.shutdown();
        try {
            assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
