package dev.fermata.execution.rehearsal;

import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.util.List;

/** Clones that a branch service makes. */
final class BranchClones implements CloneProvider {
    private final BranchService service;

    BranchClones(BranchService service) {
        this.service = service;
    }

    @Override
    public String kind() {
        return "branch";
    }

    @Override
    public Extent extent() {
        return Extent.ALL;
    }

    @Override
    public String describe() {
        return "a branch of the target by " + service.name() + ", on a server of its own";
    }

    @Override
    public Made make(Request request) throws InterruptedException {
        TargetAddress origin = request.origin().address();
        try {
            BranchService.Address branch = service.create(request.name());
            return new Made(
                    at(origin, branch, origin.database()),
                    at(origin, branch, "postgres"),
                    List.of("the clone is a branch by " + service.name()
                            + ": its server need not be as fast as the target's"));
        } catch (IOException e) {
            throw refused(e);
        }
    }

    private static TargetDatabase at(TargetAddress origin, BranchService.Address branch, String database) {
        return new TargetDatabase(origin.at(branch.host(), branch.port(), database));
    }

    @Override
    public void remove(Connection keeper, String name) {
        try {
            service.delete(name);
        } catch (IOException e) {
            throw refused(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CloneRefusedException("branch '" + name + "' is not removed yet: asked to stop");
        }
    }

    @Override
    public List<String> existing(Connection keeper, String prefix) {
        try {
            return service.names(prefix);
        } catch (IOException e) {
            throw refused(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private static CloneRefusedException refused(IOException e) {
        return new CloneRefusedException(String.valueOf(e.getMessage()));
    }
}
