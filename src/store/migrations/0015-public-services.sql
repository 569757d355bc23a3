-- Public services: what readiness needs of them, and a history from which the connected share of any past day can be computed again.

ALTER TABLE public_services
  -- Code that the nation knows the procedure by; null where none can be made out.
  ADD COLUMN stem text GENERATED ALWAYS AS (substring(procedure_code FROM '^\d\.\d{6}')) STORED,
  ADD COLUMN online_payment boolean NOT NULL DEFAULT false,
  -- Last look at the deep link; emptied when the link changes.
  ADD COLUMN link_checked_at timestamptz,
  ADD COLUMN link_status integer,
  ADD COLUMN link_problem text,
  ADD COLUMN created_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX public_services_code ON public_services (code);
CREATE INDEX public_services_state ON public_services (state);

-- The level counts too: a service that only informs is no online service. A row is written for each change of state or level.
ALTER TABLE public_service_states
  ADD COLUMN service_level text NOT NULL,
  -- A supervisor went past readiness.
  ADD COLUMN overridden boolean NOT NULL DEFAULT false;
CREATE INDEX public_service_states_as_of ON public_service_states (service_id, at DESC, id DESC);

CREATE FUNCTION refuse_change_of_service_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the history of public services is only added to';
END $$;
CREATE TRIGGER public_service_states_only_added BEFORE UPDATE OR DELETE ON public_service_states FOR EACH ROW EXECUTE FUNCTION refuse_change_of_service_history();
